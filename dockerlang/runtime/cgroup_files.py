"""The files and directories by which the kernel is told about control groups, and what it answers."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

_WAIT, _TRIES = 0.01, 50  # seconds between tries to remove a group whose last process is just being buried


def read(path: Path) -> str:
    """The content of a file. Raises OSError."""
    return path.read_text(encoding="ascii")


def write(path: Path, text: str) -> None:
    """Tell the kernel, in one write. Raises OSError with the kernel's answer."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(descriptor)


def make(directory: Path) -> bool:
    """Make a group with all above it; whether it is new. Raises OSError."""
    try:
        directory.mkdir(parents=True)
    except FileExistsError:
        return False
    return True


def remove(directory: Path, tries: int = _TRIES) -> None:
    """Remove a group and those in it; what cannot be removed now is left to whoever comes later."""
    for number in range(tries):
        try:
            directory.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in {errno.EBUSY, errno.ENOTEMPTY}:
                return
            # A process that may write here can have made groups of its own.
            if not _remove_inner(directory) and number + 1 < tries:
                time.sleep(_WAIT)
        else:
            return


def _remove_inner(directory: Path) -> bool:
    """Whether there was anything to remove."""
    removed = False
    for path, _, _ in os.walk(directory, topdown=False):
        if Path(path) == directory:
            continue
        try:
            os.rmdir(path)
            removed = True
        except OSError:
            # Not empty yet.
            continue
    return removed
