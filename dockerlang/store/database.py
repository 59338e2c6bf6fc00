"""SQLite as the store's truth: one connection a transaction, every write `BEGIN IMMEDIATE`.

Plain `BEGIN` followed by a read and a write fails at once with "database is locked" when another process writes,
whatever the timeout; taking the write lock first makes writers queue. The rollback journal is used because WAL in the
SQLite versions of today's distributions can corrupt a database that several processes write. A connection lives for
one transaction: opening one takes a fraction of a millisecond, and so none is ever shared by threads or crosses a fork.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dockerlang.errors import StoreError
from dockerlang.store.durability import is_durable
from dockerlang.store.interruption import uninterrupted

BUSY_TIMEOUT = 60.0
"""Seconds that a transaction waits for its turn."""


class Database:
    """The database file; knows how to run a transaction, not what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A consistent view; what is read in one block belongs together."""
        with uninterrupted(), self._connected() as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer runs beside; rolled back when the block raises."""
        with uninterrupted(), self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                # SQLite has rolled back by itself where the disk was full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def create(self, schema: str) -> None:
        """Make the tables in an empty database; does nothing to one that has them."""
        with self.write() as connection:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in schema.split(";"):
                    connection.execute(statement)

    def extend(self, schema: str) -> None:
        """Add tables that a database of an older version lacks; every statement says `IF NOT EXISTS`."""
        with self.write() as connection:
            for statement in schema.split(";"):
                connection.execute(statement)

    def integrity_errors(self) -> list[str]:
        """What SQLite's own check finds wrong; empty for a sound file."""
        with self._connected() as connection:
            lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
            lines += [
                f"row {row[1]} of {row[0]} points nowhere" for row in connection.execute("PRAGMA foreign_key_check")
            ]
        return [line for line in lines if line != "ok"]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT, isolation_level=None)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute(f"PRAGMA synchronous = {'FULL' if is_durable() else 'OFF'}")
                yield connection
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise  # these would be our own mistakes
            hint = "`dockerlang system check` says what is damaged" if "malformed" in str(error) else ""
            raise StoreError(f"cannot use {self.path}: {error}", hint=hint) from error
