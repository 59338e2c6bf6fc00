"""A file that gives up its room when something is to be removed: a database needs room for its journal to delete a row.

Without it nothing could be removed from a store whose disk is full, and so the disk would stay full.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dockerlang.store.layout import Layout

SIZE = 2 << 20
"""Bytes: enough for the journal of a removal, and for `index.json` with a few thousand names."""
_PLENTY = 4 * SIZE


def give_up(layout: Layout) -> None:
    """Free the room for an operation that is about to free more."""
    with suppress(OSError):
        os.unlink(_path(layout))


def take_back(layout: Layout) -> None:
    """Make the file where it is missing and the disk has plenty; a disk that has not is none of its business."""
    path = _path(layout)
    if path.exists():
        return
    with suppress(OSError):
        room = os.statvfs(layout.root)
        if room.f_bavail * room.f_frsize < _PLENTY:
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        except OSError:
            give_up(layout)
        finally:
            os.close(descriptor)


def _path(layout: Layout) -> Path:
    return layout.root / "ballast"
