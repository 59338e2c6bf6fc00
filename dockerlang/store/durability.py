"""Making writes survive a power cut, in the order that the store's rules ask for.

`$DOCKERLANG_NO_SYNC=1` leaves out every sync: for throw-away stores, such as those of tests.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

_MANY_FILES = 64


_SYNC_FILE_RANGE_WRITE = 2


def is_durable() -> bool:
    """Whether writes are synced at all."""
    return os.environ.get("DOCKERLANG_NO_SYNC") != "1"


def sync_file(descriptor: int) -> None:
    """Bring a file's data and size to the disk."""
    if is_durable():
        os.fsync(descriptor)


def start_writing(descriptor: int, offset: int, length: int) -> None:
    """Let the disk begin with a part of a file that will be synced later. A hint, where it can be given."""
    if not is_durable():
        return
    import ctypes

    function = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if function is not None:
        function(descriptor, ctypes.c_int64(offset), ctypes.c_int64(length), _SYNC_FILE_RANGE_WRITE)


def sync_directory(path: Path) -> None:
    """Bring a directory's entries (what was created, renamed, removed in it) to the disk."""
    if is_durable():
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_filesystem(path: Path) -> None:
    """Bring everything on the file system of `path` to the disk: far cheaper than a sync for each of many files."""
    if not is_durable():
        return
    import ctypes

    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)


def sync_files(paths: Collection[Path]) -> None:
    """Bring the content of files in one directory to the disk.

    A sync of the whole file system is cheaper for many, but waits for what all others have written, too.
    """
    if len(paths) > _MANY_FILES:
        sync_filesystem(next(iter(paths)))
        return
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            sync_file(descriptor)
        finally:
            os.close(descriptor)


def write_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put `data` at `path` as a whole: a reader, even after a power cut, sees the old content or the new."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            sync_file(file.fileno())
        os.rename(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_directory(path.parent)
