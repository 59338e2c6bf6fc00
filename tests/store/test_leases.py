"""Leases: alive exactly as long as the process that holds them."""

from __future__ import annotations

import os
import signal

import pytest

from dockerlang.store.leases import is_alive, reap, take_lease
from dockerlang.store.locks import acquire, try_acquire
from dockerlang.store.store import Store
from dockerlang.store.sweep import sweep


def in_killed_process(work: object) -> None:
    """Run `work` in a child that is then killed without a chance to clean up."""
    assert callable(work)
    child = os.fork()
    if child == 0:
        work()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_lease_lives_as_long_as_its_holder(store: Store) -> None:
    lease = take_lease(store.layout, "test")
    assert is_alive(store.layout, lease.id)
    lease.end()
    assert not is_alive(store.layout, lease.id)
    assert os.listdir(store.layout.leases) == []


def test_the_lease_of_a_killed_process_is_dead_and_reaped_with_its_pins(store: Store) -> None:
    def take() -> None:
        operation = store.operation("killed").__enter__()
        with store.database.write() as connection:
            operation.pin(connection, {"blob": ("sha256:00",)})

    in_killed_process(take)
    with store.database.write() as connection:
        assert connection.execute("SELECT count(*) FROM pin").fetchone() == (1,)
        (dead,) = reap(connection, store.layout)
        assert connection.execute("SELECT count(*) FROM pin").fetchone() == (0,)
    assert not (store.layout.leases / dead).exists()


def test_what_was_alive_before_the_machine_was_started_anew_is_dead(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.operation("before") as operation:
        with store.database.write() as connection:
            operation.pin(connection, {"blob": ("sha256:00",)})
        before = store.database
        monkeypatch.setattr("dockerlang.store.database.boot_id", lambda: "next")
        monkeypatch.setattr("dockerlang.store.sweep.boot_id", lambda: "next")
        after = Store.open(store.root)
        with after.operation("after") as later, after.database.write() as connection:
            assert connection.execute("SELECT count(*) FROM pin").fetchone() == (0,)
            sweep(connection, after.layout, later.lease.id)
        names = [name for name in os.listdir(store.root) if name.startswith("leases-") and "journal" not in name]
        assert names == ["leases-next.db"]
        before.connections.discard_idle()


def test_to_pin_does_not_wait_for_the_disk(store: Store) -> None:
    changed = store.layout.database.stat().st_mtime_ns
    with store.operation("pins") as operation, store.database.write() as connection:
        operation.pin(connection, {"blob": ("sha256:00",)})
    assert store.layout.database.stat().st_mtime_ns == changed


def test_a_live_lease_is_not_reaped(store: Store) -> None:
    with store.operation("alive"), store.database.write() as connection:
        assert reap(connection, store.layout) == ()


def test_a_lock_on_a_file_that_was_unlinked_meanwhile_is_not_taken_for_one(store: Store) -> None:
    path = store.layout.locks / "content"
    first = acquire(path)
    path.unlink()
    second = try_acquire(path, create=True)
    assert second is not None, "the first holder's lock is on a file that nobody can find any more"
    assert try_acquire(path) is None
    first.release()
    second.release(unlink=True)
    assert not path.exists()
