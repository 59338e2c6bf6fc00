"""Stores for tests: throw-away directories in which nothing waits for the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.store.store import Store


@pytest.fixture(autouse=True)
def _without_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs root or another tool where there is none; in CI it must run, and fails if it cannot."""
    if os.environ.get("CI") == "true":
        return
    has_peers = all(shutil.which(tool) for tool in ("skopeo", "umoci"))
    for item in items:
        if "root" in item.keywords and os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="needs root"))
        if "peer" in item.keywords and "store" in item.nodeid and not has_peers:
            item.add_marker(pytest.mark.skip(reason="needs skopeo and umoci on PATH"))
