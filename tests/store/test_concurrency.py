"""Many processes on one store: each sees the others' work as done or not done, never half."""

from __future__ import annotations

import io
import os
import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from dockerlang.errors import ConflictError, NotFoundError
from dockerlang.oci.reference import parse_reference
from dockerlang.store.archive.load import load_stream
from dockerlang.store.check import check_store
from dockerlang.store.listing import select_images
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.store.making import add_image, docker_archive, tar_of

PROCESSES = 8
ARCHIVES = [
    tar_of(docker_archive([tar_of({"base": b"1"}), tar_of({f"n{number}": b"2"})], [f"app:{number}"]))
    for number in range(3)
]


def run_all(workers: Sequence[Callable[[], None]]) -> list[int]:
    children = []
    for work in workers:
        child = os.fork()
        if child == 0:
            try:
                work()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def busy(store: Store, seed: int, seconds: float) -> None:
    """Load, tag, build on and remove the same few names at random."""
    choice = random.Random(seed)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        name = f"app:{choice.randrange(3)}"
        with store.operation("busy") as operation:
            try:
                match choice.randrange(5):
                    case 0:
                        load_stream(operation, io.BytesIO(choice.choice(ARCHIVES)))
                    case 1:
                        image = operation.find(name)
                        if image is not None:
                            operation.tag(parse_reference(f"alias:{choice.randrange(3)}"), image)
                    case 2:
                        image = operation.find(name)
                        if image is not None:
                            step = add_image(operation, {"s": b"%d" % choice.randrange(3)}, parent=image, is_step=True)
                            add_image(operation, {"t": b"1"}, parent=step, name=f"built:{choice.randrange(3)}")
                    case 3:
                        remove_image(operation, choice.choice([name, "alias:1", "built:1", "built:2"]))
                    case 4:
                        for row in select_images(store, all=True):
                            store.find(row.id)
            except (NotFoundError, ConflictError):
                pass  # Another was faster.


@pytest.mark.parametrize("seconds", [2.0, pytest.param(30.0, marks=pytest.mark.slow)])
def test_no_process_meets_another_ones_half_work(store: Store, seconds: float) -> None:
    workers = [partial(busy, store, seed, seconds) for seed in range(PROCESSES)]
    assert run_all(workers) == [0] * PROCESSES
    assert check_store(store, full=True).problems == ()
    with store.operation("clean") as operation:
        # Children first, or they hold what they were built on.
        for row in sorted(select_images(store, all=True), key=lambda row: row.has_children):
            try:
                remove_image(operation, row.id.hex, force=True)
            except (NotFoundError, ConflictError):
                continue
        while rows := [row for row in select_images(store, all=True) if not row.has_children]:
            for row in rows:
                remove_image(operation, row.id.hex, force=True)
    with store.operation("sweep") as operation:
        last = add_image(operation, name="last")
        assert remove_image(operation, "last").deleted == [last.id]
    with store.operation("again") as operation, pytest.raises(NotFoundError):
        remove_image(operation, "last")
    assert check_store(store).problems == ()


def test_processes_that_open_a_store_at_once_make_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("new") / "store"

    def open_and_use(number: int) -> None:
        with Store.open(root).operation("first") as operation:
            add_image(operation, {"a": b"1"}, name=f"app:{number}")

    workers = [partial(open_and_use, number) for number in range(PROCESSES)]
    assert run_all(workers) == [0] * PROCESSES
    assert len(select_images(Store.open(root))[0].names) == PROCESSES


@pytest.mark.root
def test_a_tree_is_unpacked_once_however_many_want_it(store: Store) -> None:
    with store.operation("prepare") as operation:
        add_image(operation, {"d/": b"", "d/f": b"1"}, name="app")

    def want() -> None:
        with store.operation("run") as operation:
            image = operation.find("app")
            assert image is not None
            (tree,) = operation.layer_trees(image.diff_ids)
            assert (tree / "d/f").read_bytes() == b"1"

    assert run_all([want] * PROCESSES) == [0] * PROCESSES
    with store.operation("look") as operation:
        image = operation.find("app")
        assert image is not None
        inode = operation.layer_trees(image.diff_ids)[0].stat().st_ino
        assert operation.layer_trees(image.diff_ids)[0].stat().st_ino == inode
    assert check_store(store).problems == ()


def test_threads_share_an_operation(store: Store) -> None:
    found: list[str] = []
    with store.operation("build") as operation:

        def work(number: int) -> None:
            image = add_image(operation, {f"f{number}": b"%d" % number}, name=f"app:{number}")
            found.append(str(image.id))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(found)) == 8
    assert len(select_images(store)) == 8
