"""Connections are used again during an operation, and never by two threads or in a fork."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from dockerlang.store.connections import Connections


class Opened:
    """Counts what was opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.count = 0

    def __call__(self) -> sqlite3.Connection:
        self.count += 1
        return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    return Opened(tmp_path / "db")


def test_without_a_keeper_each_is_closed(opened: Opened) -> None:
    connections = Connections(opened)
    for _ in range(3):
        with connections.one() as connection:
            connection.execute("SELECT 1")
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")
    assert opened.count == 3


def test_with_a_keeper_one_is_used_again_until_the_last_lets_go(opened: Opened) -> None:
    connections = Connections(opened)
    connections.keep()
    connections.keep()
    for _ in range(3):
        with connections.one() as connection:
            connection.execute("SELECT 1")
    connections.release()
    connection.execute("SELECT 1")
    assert opened.count == 1
    connections.release()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_one_that_failed_is_not_used_again(opened: Opened) -> None:
    connections = Connections(opened)
    connections.keep()

    def fail() -> None:
        with connections.one() as connection:
            connection.execute("BEGIN")
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    with connections.one() as connection:
        assert not connection.in_transaction
    assert opened.count == 2
    connections.release()


def test_two_threads_never_have_the_same(opened: Opened) -> None:
    connections = Connections(opened)
    connections.keep()
    both, seen = threading.Barrier(2, timeout=30), []

    def work() -> None:
        with connections.one() as connection:
            both.wait()
            seen.append(id(connection))
            both.wait()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 2
    connections.release()


def test_a_fork_opens_its_own(opened: Opened) -> None:
    connections = Connections(opened)
    connections.keep()
    with connections.one() as mine:
        pass
    child = os.fork()
    if child == 0:
        with connections.one() as connection:
            os._exit(int(connection is mine))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with connections.one() as connection:
        assert connection is mine
    connections.release()
