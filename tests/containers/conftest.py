"""A store with busybox in it, and the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs root where there is none; in CI it must run, and fails if it cannot."""
    if os.environ.get("CI") == "true" or os.geteuid() == 0:
        return
    for item in items:
        if "root" in item.keywords and item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason="needs root"))


@pytest.fixture(scope="session")
def store_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("containers") / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKERLANG_NO_SYNC", "1")
        store = Store.open(directory)
        add_busybox(store)
        store.close()
        yield directory


@pytest.fixture
def store(store_directory: Path) -> Iterator[Store]:
    """The store, without containers before and after."""
    store = Store.open(store_directory)
    yield store
    with store.operation("test") as operation:
        for container in store.containers():
            operation.remove_container(container)
