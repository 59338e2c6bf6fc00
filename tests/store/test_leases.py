"""Leases: alive exactly as long as the process that holds them."""

from __future__ import annotations

import os
import signal

from dockerlang.store.leases import boot_id, is_alive, reap, take_lease
from dockerlang.store.locks import acquire, try_acquire
from dockerlang.store.store import Store


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
    assert is_alive(store.layout, lease.id, boot_id())
    lease.end()
    assert not is_alive(store.layout, lease.id, boot_id())
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


def test_a_lease_of_an_earlier_boot_is_dead_although_its_file_is_locked(store: Store) -> None:
    lease = take_lease(store.layout, "test")
    assert not is_alive(store.layout, lease.id, "another boot")
    lease.end()


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
