"""A process killed at any step of its work leaves a store that the next command uses as if nothing had been."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlang.store.archive.load import load_stream
from dockerlang.store.check import check_store
from dockerlang.store.listing import select_images
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.store.making import add_image, docker_archive, tar_of

# What Python reports of itself before it touches the file system or the database.
EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "sqlite3.connect"}
)
ARCHIVE = tar_of(docker_archive([tar_of({"new": b"1"}), tar_of({"more": b"2"})], ["new:1", "new:2"]))


def load(store: Store) -> None:
    with store.operation("load") as operation:
        load_stream(operation, io.BytesIO(ARCHIVE))


def remove(store: Store) -> None:
    with store.operation("rmi") as operation:
        remove_image(operation, "old:1")


def build_step(store: Store) -> None:
    with store.operation("build") as operation:
        base = operation.find("old:1")
        assert base is not None
        step = add_image(operation, {"step": b"x"}, parent=base, is_step=True)
        add_image(operation, {"last": b"y"}, parent=step, name="new:1")


def killed_at(number: int, work: Callable[[Store], None], store: Store) -> bool:
    """Run `work` in a process that dies at its event with that number; whether it got so far."""
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, arguments: object) -> None:
            nonlocal count
            if event in EVENTS:
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            work(store)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def names(store: Store) -> list[str]:
    return sorted(name for row in select_images(store, all=True) for name in row.names)


@pytest.mark.parametrize("work", [load, remove, build_step])
@pytest.mark.parametrize("stride", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_the_next_command_works_wherever_the_last_one_died(
    tmp_path: Path, work: Callable[[Store], None], stride: int
) -> None:
    number = 1
    while True:
        store = Store.open(tmp_path / f"store-{number}")
        with store.operation("prepare") as operation:
            add_image(operation, {"old": b"1"}, name="old:1")
            add_image(operation, {"keep": b"1"}, name="keep:1")
        was_killed = killed_at(number, work, store)
        after = names(store)
        assert "docker.io/library/keep:1" in after
        for row in select_images(store):
            assert store.find(row.id) is not None, "a listed image is whole"
        with store.operation("sweep") as operation:
            remove_image(operation, "keep:1")
        assert names(store) == [name for name in after if "keep" not in name]
        assert check_store(store, full=True).problems == (), f"killed at event {number}"
        if not was_killed:
            break
        # The same work done again ends as if it had never been disturbed.
        if work is not remove or "docker.io/library/old:1" in after:
            work(store)
            assert check_store(store, full=True).problems == ()
        number += stride
    assert number > 20, "the work was never disturbed"


def test_a_sweep_that_died_before_its_commit_is_undone(store: Store) -> None:
    with store.operation("prepare") as operation:
        image = add_image(operation, {"a": b"1"}, name="app")
    # As a sweep leaves it that was killed between its renames and its commit.
    trash = store.layout.trash / "0123456789abcdef"
    (trash / "blobs").mkdir(parents=True)
    for blob in os.listdir(store.layout.blobs):
        os.rename(store.layout.blobs / blob, trash / "blobs" / blob)
    found = store.find("app")
    assert found is not None, "reading undoes it, too"
    assert found.id == image.id
    with store.operation("next"):
        pass
    assert os.listdir(store.layout.trash) == []
    assert check_store(store, full=True).problems == ()


def test_what_a_dead_operation_left_behind_goes_with_the_next_one(store: Store) -> None:
    for parent in (store.layout.ingest, store.layout.work):
        (parent / "dead" / "deep").mkdir(parents=True)
        (parent / "dead" / "deep" / "file").write_bytes(b"half")
        (parent / "dead" / "deep").chmod(0o500)
    with store.operation("next") as operation:
        assert os.listdir(store.layout.ingest) == [operation.lease.id]
        assert os.listdir(store.layout.work) == []
