"""Layers and trees that are in their places before they are entered: visible at once, safe from sweeps, never lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlang.oci.digest import Digest
from dockerlang.oci.layer import LayerWriter
from dockerlang.oci.tar import Entry
from dockerlang.store.check import check_store
from dockerlang.store.operation import Operation
from dockerlang.store.store import Store
from dockerlang.store.sweep import discard, sweep


def make_layer(operation: Operation, data: bytes) -> Digest:
    with operation.new_layer() as sink:
        writer = LayerWriter(sink)
        writer.add(Entry(b"file", size=len(data)), data)
        return sink.commit(writer.close()).diff_id


def entered(store: Store) -> set[str]:
    with store.database.read() as connection:
        return {row[0] for row in connection.execute("SELECT diff_id FROM layer")}


def in_killed_process(work: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        work()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_layer_is_there_at_once_and_entered_by_the_next_who_writes(store: Store) -> None:
    with store.operation("build") as operation:
        layer = make_layer(operation, b"data")
        assert entered(store) == set()
        assert operation.find_layer(layer) is not None
        assert store.layer_index(layer).diff_id == layer
        with Store.open(store.root).database.write():
            pass
        assert entered(store) == {str(layer)}


def test_it_is_entered_when_the_operation_ends(store: Store) -> None:
    with store.operation("build") as operation:
        layer = make_layer(operation, b"data")
    assert entered(store) == {str(layer)}
    assert check_store(store, full=True).problems == ()


def test_a_sweep_leaves_it_alone_even_before_it_is_noted_elsewhere(store: Store) -> None:
    with store.operation("build") as operation, store.operation("prune") as other:
        layer = make_layer(operation, b"data")
        # As a sweep sees it whose transaction began before the layer was noted.
        with store.database.note() as connection:
            swept = sweep(connection, store.layout, other.lease.id)
        discard(store.layout, swept)
        assert operation.find_layer(layer) is not None


def test_what_a_killed_process_had_finished_is_there_for_the_next(store: Store) -> None:
    reading, writing = os.pipe()

    def work() -> None:
        operation = store.operation("killed").__enter__()
        os.write(writing, str(make_layer(operation, b"data")).encode())

    in_killed_process(work)
    layer = Digest.parse(os.read(reading, 200).decode())
    with store.operation("next") as operation:
        assert operation.find_layer(layer) is not None
    assert check_store(store, full=True).problems == ()
    with store.operation("prune") as operation, store.database.write() as connection:
        swept = sweep(connection, store.layout, operation.lease.id)
    discard(store.layout, swept)
    assert entered(store) == set()
    assert os.listdir(store.layout.blobs) == []


def test_what_a_power_cut_leaves_has_no_row(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> None:
        make_layer(store.operation("cut").__enter__(), b"data")

    in_killed_process(work)
    for module in ("database", "sweep"):
        monkeypatch.setattr(f"dockerlang.store.{module}.boot_id", lambda: "next")
    after = Store.open(Path(store.root))
    with after.operation("after"):
        pass
    assert entered(after) == set()
    assert os.listdir(after.layout.blobs) == []
