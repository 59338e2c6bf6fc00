"""Locks between processes: flock on a small file, released by the kernel when its holder ends in whatever way."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class FileLock:
    """A lock on a file that may be unlinked by its holder; made by `acquire`, `share` or `try_acquire`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def release(self, *, unlink: bool = False) -> None:
        """Give the lock back; with `unlink` the file goes first, while nobody else can hold it."""
        if self._descriptor < 0:
            return
        if unlink:
            with suppress(FileNotFoundError):
                os.unlink(self.path)
        os.close(self._descriptor)
        self._descriptor = -1

    def write(self, data: bytes) -> None:
        """Replace the file's content, which is for people only."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, data, 0)


def acquire(path: Path) -> FileLock:
    """Wait for the lock on `path`, making the file where it is missing."""
    while True:
        lock = _lock(path, fcntl.LOCK_EX, create=True)
        if lock is not None:
            return lock


def share(path: Path) -> FileLock:
    """Wait for the lock on `path` together with others who share it, making the file where it is missing."""
    while True:
        lock = _lock(path, fcntl.LOCK_SH, create=True)
        if lock is not None:
            return lock


def try_acquire(path: Path, *, create: bool = False) -> FileLock | None:
    """The lock on `path` if it is free; None where another holds it, or where the file is missing and not made."""
    with suppress(BlockingIOError):
        return _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB, create=create)
    return None


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Do the block under the lock on `path`. Never wait for one inside a database transaction."""
    lock = acquire(path)
    try:
        yield
    finally:
        lock.release()


def _lock(path: Path, operation: int, *, create: bool) -> FileLock | None:
    flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        if create:
            raise
        return None
    try:
        fcntl.flock(descriptor, operation)
        # Between our open and our lock the last holder may have unlinked the file: then we hold a lock on nothing.
        if _is_at(path, descriptor):
            return FileLock(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
