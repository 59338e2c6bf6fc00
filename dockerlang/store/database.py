"""SQLite as the store's truth: every write is `BEGIN IMMEDIATE`.

Plain `BEGIN` followed by a read and a write fails at once with "database is locked" when another process writes,
whatever the timeout; taking the write lock first makes writers queue. The rollback journal is used because WAL in the
SQLite versions of today's distributions can corrupt a database that several processes write.

What running operations rely on (leases and pins), and what they have made and not entered yet (`store/pending.py`), is
in a second file, attached as `leases`. It is never synced, so that
to pin what was found does not wait for the disk. It has the name of this run of the machine: what a power cut may have
torn is never read again. A process that is killed between the two commits of one transaction takes its lease with it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from dockerlang.errors import StoreError
from dockerlang.store.boot import boot_id, lease_database
from dockerlang.store.connections import Connections
from dockerlang.store.durability import is_durable
from dockerlang.store.interruption import is_interruption_due, uninterrupted
from dockerlang.store.pending import enter_pending, read_pending, sync_pending
from dockerlang.store.schema import LEASES

Result = TypeVar("Result")

BUSY_TIMEOUT = 60.0
"""Seconds that a transaction waits for its turn."""
_ONE_WAIT = 0.1
"""Seconds that SQLite waits at a time before it begins; in between we look whether the program is to end."""


class Database:
    """The database file; knows how to run a transaction, not what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._leases = path.with_name(lease_database(boot_id()))
        self.connections = Connections(self._open)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A consistent view; what is read in one block belongs together."""
        with uninterrupted(), self._connected() as connection:
            connection.execute("PRAGMA query_only = ON")
            # The lock comes with the first read.
            _begin(connection, "BEGIN", "SELECT count(*) FROM sqlite_master")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute("PRAGMA query_only = OFF")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer runs beside; rolled back when the block raises.

        What was pending is entered before.
        """
        with uninterrupted(), self._connected() as connection:
            pending = read_pending(connection)
            if pending is not None:
                sync_pending(pending, self.path.parent)
            with _transaction(connection):
                if pending is not None:
                    enter_pending(connection, pending)
                yield connection

    @contextmanager
    def note(self) -> Iterator[sqlite3.Connection]:
        """The same for what changes `leases` alone, and so neither syncs nor waits for the disk."""
        with uninterrupted(), self._connected() as connection, _transaction(connection):
            yield connection

    def settle(self) -> None:
        """Enter what is pending, if anything is."""
        with self.read() as connection:
            is_settled = read_pending(connection) is None
        if not is_settled:
            with self.write():
                pass

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
            _begin(connection, "BEGIN", "SELECT count(*) FROM sqlite_master")
            lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
            lines += [
                f"row {row[1]} of {row[0]} points nowhere" for row in connection.execute("PRAGMA foreign_key_check")
            ]
        return [line for line in lines if line != "ok"]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with self.connections.one() as connection:
                yield connection
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise  # these would be our own mistakes
            hint = "`dockerlang system check` says what is damaged" if "malformed" in str(error) else ""
            raise StoreError(f"cannot use {self.path}: {error}", hint=hint) from error

    def _open(self) -> sqlite3.Connection:
        # To read the schema takes a lock, too.
        return _patiently(self._open_once)

    def _open_once(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_ONE_WAIT, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            # A full disk must not keep a sweep from its temporary tables.
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA main.synchronous = {'FULL' if is_durable() else 'OFF'}")
            self._attach_leases(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _attach_leases(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("ATTACH ? AS leases", (str(self._leases),))
        except sqlite3.OperationalError:
            # On a disk that cannot be written nothing runs that would hold a lease.
            connection.execute("ATTACH ':memory:' AS leases")
        connection.execute("PRAGMA leases.synchronous = OFF")
        # Its journal is written at every pin: to empty a file is cheaper than to make and remove one.
        connection.execute("PRAGMA leases.journal_mode = TRUNCATE")
        if connection.execute("SELECT 1 FROM leases.sqlite_master WHERE name = 'pending_tree'").fetchone() is None:
            connection.execute("BEGIN IMMEDIATE")
            for statement in LEASES.split(";"):
                connection.execute(statement)
            connection.execute("COMMIT")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    _begin(connection, "BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # SQLite has rolled back by itself where the disk was full.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _begin(connection: sqlite3.Connection, *statements: str) -> None:
    """Wait for the lock that the statements take; raises `sqlite3.OperationalError` when that takes too long."""

    def begin() -> None:
        try:
            for statement in statements:
                connection.execute(statement)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    connection.execute(f"PRAGMA busy_timeout = {round(_ONE_WAIT * 1000)}")
    _patiently(begin)
    # What has begun is short, so that from here on SQLite may wait by itself.
    connection.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT * 1000)}")


def _patiently(work: Callable[[], Result]) -> Result:
    """Do what waits a moment for a lock until it gets it; raises when that takes too long, or the program is to end."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or is_interruption_due() or time.monotonic() > deadline:
                raise
