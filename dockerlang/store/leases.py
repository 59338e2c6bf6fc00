"""Leases: an operation's sign of life, and what dies with it.

A lease is a file held with flock. The kernel drops the lock with the process, so a lease is alive exactly while its
lock cannot be taken: no expiry, no heartbeat, no process number that another process may have by now. Its row and its
pins are in a database of this run of the machine alone (`store/database.py`): a lease of an earlier one is nowhere.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from pathlib import Path
from uuid import uuid4

from dockerlang.store.layout import Layout
from dockerlang.store.locks import FileLock, try_acquire


class Lease:
    """One live lease; made by `take_lease`, ended by `end`."""

    def __init__(self, identifier: str, purpose: str, lock: FileLock) -> None:
        self.id = identifier
        self.purpose = purpose
        self._lock = lock

    def record(self, connection: sqlite3.Connection) -> None:
        """Enter the lease into the database, so that pins can name it."""
        connection.execute("INSERT INTO lease VALUES (?, ?, ?, ?)", (self.id, self.purpose, os.getpid(), time.time()))

    def end(self) -> None:
        """Give up the lock; the row and its pins are removed by the caller before."""
        self._lock.release(unlink=True)


def take_lease(layout: Layout, purpose: str) -> Lease:
    """A new lease with its file locked; `record` it next."""
    while True:
        identifier = uuid4().hex
        # A sweep that sees the new file before it is locked takes it for dead and removes it: then try another.
        lock = try_acquire(layout.leases / identifier, create=True)
        if lock is not None:
            lock.write(json.dumps({"purpose": purpose, "pid": os.getpid()}).encode())
            return Lease(identifier, purpose, lock)


def is_alive(layout: Layout, lease: str) -> bool:
    """Whether the lease's holder still runs; for a lease that has a row."""
    path = layout.leases / lease
    lock = try_acquire(path)
    if lock is not None:
        lock.release()
        return False
    return path.exists()


def holder(layout: Layout, lease: str) -> int | None:
    """The process that holds a lease; None where it has ended, or belongs to a machine or container we cannot see."""
    path = layout.leases / lease
    try:
        pid = int(json.loads(path.read_bytes())["pid"])
        # A number alone may be that of another process in another pid namespace.
        is_holder = _has_lock(pid, path.stat().st_ino) or _has_open(pid, path)
    except (OSError, ValueError, KeyError):
        return None
    return pid if is_holder else None


def _has_lock(pid: int, inode: int) -> bool:
    """Whether the kernel's list of locks, which everybody may read, has one of that process on that file."""
    with open("/proc/locks", encoding="ascii") as lines:
        # 3: FLOCK  ADVISORY  WRITE 27590 fe:00:3228576 0 EOF
        words = [line.split() for line in lines]
    return any(
        fields[1] == "FLOCK" and fields[4] == str(pid) and fields[5].rpartition(":")[2] == str(inode)
        for fields in words
        if len(fields) > 5
    )


def _has_open(pid: int, path: Path) -> bool:
    """Whether the process has the file open; hidden from us where it runs in a user namespace of its own."""
    descriptors = Path(f"/proc/{pid}/fd")
    return any(os.path.samefile(descriptor, path) for descriptor in descriptors.iterdir() if descriptor.exists())


def reap(connection: sqlite3.Connection, layout: Layout) -> tuple[str, ...]:
    """Forget dead leases and their pins (inside a write transaction); returns the IDs that were forgotten."""
    known = {row[0] for row in connection.execute("SELECT id FROM lease").fetchall()}
    dead = tuple(lease for lease in sorted(known) if not is_alive(layout, lease))
    connection.executemany("DELETE FROM lease WHERE id = ?", [(lease,) for lease in dead])
    for name in os.listdir(layout.leases):
        if name in dead or name not in known:
            # A file without a row is either a dead one or a lease between its lock and its row: the lock tells.
            lock = try_acquire(layout.leases / name)
            if lock is not None:
                lock.release(unlink=True)
    return dead


def is_abandoned(layout: Layout, name: str) -> bool:
    """Whether no running operation owns the directory `name` of ingest/, work/ or trash/."""
    path = layout.leases / name
    lock = try_acquire(path)
    if lock is not None:
        lock.release()
        return True
    return not path.exists()
