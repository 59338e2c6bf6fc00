"""A fake registry and throw-away stores."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.registry.fake_registry import FakeRegistry, serving


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No syncs, and no credentials of whoever runs the tests."""
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("REGISTRY_AUTH_FILE", "DOCKER_AUTH_CONFIG", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as fake:
        yield fake


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs root or other programs where they are missing; in CI it must run."""
    if os.environ.get("CI") == "true":
        return
    has_peers = all(shutil.which(tool) for tool in ("skopeo", "docker-registry", "umoci"))
    for item in items:
        if not item.path.is_relative_to(Path(__file__).parent):
            continue
        if "peer" in item.keywords and not has_peers:
            item.add_marker(pytest.mark.skip(reason="needs skopeo, umoci and docker-registry on PATH"))
        if "root" in item.keywords and os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="needs root"))
