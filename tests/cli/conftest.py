"""What tests of several commands start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.cli.command import Command


@pytest.fixture
def dockerlang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command with busybox in its store, in an empty directory."""
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    add_busybox(Store.open(tmp_path / "store"))
    (tmp_path / "work").mkdir()
    return Command(tmp_path / "store", tmp_path / "work")
