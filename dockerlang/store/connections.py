"""SQLite connections that are used again, while there is an operation that will need them.

To open a database and read its schema takes longer than most questions. Outside of an operation a connection is closed
after use, so that whoever only looks leaves nothing open. None is ever used by two threads at a time, and none crosses
a fork: there its locks would be another process's.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Connections:
    """The idle connections to one database."""

    def __init__(self, open_one: Callable[[], sqlite3.Connection]) -> None:
        """`open_one` opens a connection that any thread may use (`check_same_thread=False`)."""
        self._open = open_one
        self._lock = threading.Lock()
        self._users = 0
        self._idle: list[sqlite3.Connection] = []
        self._pid = os.getpid()

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """A connection for the block, without a transaction; closed afterwards where the block raises."""
        connection = self._take() or self._open()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if not self._put_back(connection):
            connection.close()

    def keep(self) -> None:
        """From now on keep connections for the next who asks, until `release` has been called as often."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """Close what is idle, if nobody keeps connections any more."""
        with self._lock:
            self._users -= 1
            idle = self._idle if self._users == 0 else []
            if idle:
                self._idle = []
        if os.getpid() == self._pid:
            for connection in idle:
                connection.close()

    def discard_idle(self) -> None:
        """Close what is idle: the file is about to be another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> sqlite3.Connection | None:
        with self._lock:
            if os.getpid() != self._pid:
                # Neither to be used nor to be closed in here.
                _of_parents.extend(self._idle)
                self._idle, self._pid = [], os.getpid()
            return self._idle.pop() if self._idle else None

    def _put_back(self, connection: sqlite3.Connection) -> bool:
        with self._lock:
            is_kept = self._users > 0
            if is_kept:
                self._idle.append(connection)
        return is_kept


_of_parents: list[sqlite3.Connection] = []
