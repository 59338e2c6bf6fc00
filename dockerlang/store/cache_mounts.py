"""The directories of `RUN --mount=type=cache`: who uses one now, when it was used last, and how one is removed.

`caches/<name>` is what processes see. `caches/<name>.users` is locked, shared by all who use it, and has the time of
the last use; whoever gets it for himself knows that nobody does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from dockerlang.records import record
from dockerlang.store.layout import Layout
from dockerlang.store.locks import share, try_acquire
from dockerlang.store.sweep import remove_tree
from dockerlang.store.volumes import directory_size

_USERS, _LOCK = ".users", ".lock"


@record
class CacheMountDirectory:
    """One such directory; times are in seconds since 1970, `size` is in bytes."""

    name: str
    directory: Path
    created: float
    last_used: float
    size: int


@contextmanager
def use_cache_mount(directory: Path) -> Iterator[None]:
    """Keep a directory, which may have to be made yet, from being removed during the block."""
    directory.parent.mkdir(exist_ok=True)
    users = share(_beside(directory, _USERS))
    try:
        os.utime(users.path)
        yield
    finally:
        with suppress(FileNotFoundError):
            os.utime(users.path)
        users.release()


def list_cache_mounts(layout: Layout) -> list[CacheMountDirectory]:
    """All of them, the one that was used last first."""
    try:
        names = [entry.name for entry in os.scandir(_home(layout)) if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    found = []
    for name in names:
        if name.startswith("."):
            continue
        path = _home(layout) / name
        # Another process may remove it just now.
        with suppress(FileNotFoundError):
            status = path.stat()
            last_used = status.st_mtime
            with suppress(FileNotFoundError):
                last_used = _beside(path, _USERS).stat().st_mtime
            size = directory_size(path)
            found.append(CacheMountDirectory(name, path, min(status.st_ctime, last_used), last_used, size))
    return sorted(found, key=lambda cache: cache.last_used, reverse=True)


def remove_cache_mount(cache: CacheMountDirectory) -> bool:
    """Remove a directory with all that is in it, unless it is in use; whether it went."""
    users = try_acquire(_beside(cache.directory, _USERS), create=True)
    if users is None:
        return False
    doomed = cache.directory.with_name(f".{cache.name}.{uuid4().hex}")
    try:
        with suppress(FileNotFoundError):
            os.rename(cache.directory, doomed)
        lock = try_acquire(_beside(cache.directory, _LOCK))
        if lock is not None:
            lock.release(unlink=True)
    finally:
        users.release(unlink=True)
    remove_tree(doomed)
    return True


def drop_doomed_cache_mounts(layout: Layout) -> None:
    """Remove what a process that was killed had begun to remove."""
    with suppress(FileNotFoundError):
        for name in os.listdir(_home(layout)):
            if name.startswith("."):
                remove_tree(_home(layout) / name)


def _home(layout: Layout) -> Path:
    return layout.root / "caches"


def _beside(directory: Path, suffix: str) -> Path:
    return directory.with_name(directory.name + suffix)
