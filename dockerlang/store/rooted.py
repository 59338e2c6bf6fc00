"""A directory that is written to like the root of a file system of its own: nothing in it can lead outside.

Paths are bytes, canonical ones relative without `.`, `..`, links and outer slashes; the root is empty. Every step is
taken with openat and O_NOFOLLOW from an open directory; symbolic links are followed here, inside the root, as
`openat2(RESOLVE_IN_ROOT)` would. Below the directory there may be lower ones, as in an overlay mount: they are looked
at where the directory itself says nothing, and never written to.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dockerlang.errors import InputError
from dockerlang.oci.tar import printable

LINK_LIMIT = 40
"""Symbolic links followed in one path, as in the kernel."""
OPAQUE_NAMES = (b"trusted.overlay.opaque", b"user.overlay.opaque")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_DIRECTORIES = 128


class RootedDirectory:
    """The directory at `root`, over `lowers` (lowest first)."""

    def __init__(self, root: Path, lowers: Sequence[Path] = ()) -> None:
        self._root = os.open(root, _DIRECTORY)
        self._lowers = tuple(os.fsencode(lower) for lower in reversed(lowers))
        self._open: dict[bytes, int] = {}
        self._resolved: dict[bytes, bytes] = {}
        self._merged: dict[bytes, tuple[bytes, ...]] = {}
        self._hidden: set[bytes] = set()

    def __enter__(self) -> RootedDirectory:
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()
        os.close(self._root)

    def locate(self, path: bytes) -> tuple[bytes, bytes]:
        """The canonical directory that `path` as written lies in, and its last name, which is not followed.

        The name is empty where the path means a directory whatever stands there (`.`, `/`, `a/..`).
        """
        directory, _, name = path.rstrip(b"/").rpartition(b"/")
        if name in (b"", b".", b".."):
            return self.resolve(path), b""
        return self.resolve(directory), name

    def resolve(self, path: bytes) -> bytes:
        """The canonical path of the directory `path`, every link followed; what does not exist stays as written."""
        if path not in self._resolved:
            self._resolved[path] = self._follow(path)
        return self._resolved[path]

    def descriptor(self, directory: bytes) -> int:
        """An open directory of our own tree; `FileNotFoundError` or `NotADirectoryError` where it is none.

        It stays open only until the next call, which may need its place.
        """
        if not directory:
            return self._root
        if directory not in self._open:
            parent, _, name = directory.rpartition(b"/")
            opened = os.open(name, _DIRECTORY, dir_fd=self.descriptor(parent))
            if len(self._open) >= _OPEN_DIRECTORIES:
                os.close(self._open.pop(next(iter(self._open))))
            self._open[directory] = opened
        return self._open[directory]

    def status(self, path: bytes) -> os.stat_result | None:
        """What stands at a canonical path of our own tree; None for nothing."""
        directory, _, name = path.rpartition(b"/")
        with suppress(FileNotFoundError, NotADirectoryError):
            if not name:
                return os.fstat(self._root)
            return os.stat(name, dir_fd=self.descriptor(directory), follow_symlinks=False)
        return None

    def below(self, path: bytes) -> bytes | None:
        """The file of a lower directory that shows at a canonical path when our own tree has nothing there."""
        directory, _, name = path.rpartition(b"/")
        if not name:
            return self._lowers[0] if self._lowers else None
        for lower in self._lower_directories(directory):
            candidate = lower + b"/" + name
            with suppress(FileNotFoundError):
                return None if is_whiteout(os.lstat(candidate)) else candidate
        return None

    def hide_below(self, directory: bytes) -> None:
        """From now on lower directories do not show through at and below `directory`."""
        self._hidden.add(directory)
        self._resolved.clear()
        self._merged.clear()

    def forget_links(self) -> None:
        """Resolve paths anew: to be called when a link may have come or a file gone."""
        self._resolved.clear()

    def forget(self) -> None:
        """Open directories anew, too: to be called when one was removed."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()
        self._resolved.clear()

    def _follow(self, path: bytes) -> bytes:
        names: list[bytes] = []
        pending = path.split(b"/")[::-1]
        links = 0
        while pending:
            name = pending.pop()
            if name in (b"", b"."):
                continue
            if name == b"..":
                del names[-1:]
                continue
            target = self._link_target(b"/".join([*names, name]))
            if target is None:
                names.append(name)
                continue
            links += 1
            if links > LINK_LIMIT:
                raise InputError(f"{printable(path)}: more than {LINK_LIMIT} symbolic links")
            if target.startswith(b"/"):
                names.clear()
            pending.extend(target.split(b"/")[::-1])
        return b"/".join(names)

    def _link_target(self, path: bytes) -> bytes | None:
        status = self.status(path)
        directory, _, name = path.rpartition(b"/")
        if status is not None:
            if stat.S_ISLNK(status.st_mode):
                return os.readlink(name, dir_fd=self.descriptor(directory))
            return None
        lower = self.below(path)
        return os.readlink(lower) if lower is not None and stat.S_ISLNK(os.lstat(lower).st_mode) else None

    def _lower_directories(self, directory: bytes) -> tuple[bytes, ...]:
        """The lower directories that make up a canonical directory, the uppermost first."""
        if directory in self._hidden:
            return ()
        if not directory:
            return self._lowers
        if directory not in self._merged:
            parent, _, name = directory.rpartition(b"/")
            self._merged[directory] = tuple(self._contributing(self._lower_directories(parent), name))
        return self._merged[directory]

    @staticmethod
    def _contributing(parents: tuple[bytes, ...], name: bytes) -> list[bytes]:
        found = []
        for parent in parents:
            candidate = parent + b"/" + name
            try:
                status = os.lstat(candidate)
            except FileNotFoundError:
                continue
            if not stat.S_ISDIR(status.st_mode):
                break  # A file or a whiteout: what is below it does not show.
            found.append(candidate)
            if is_opaque(candidate):
                break
        return found


def is_whiteout(status: os.stat_result) -> bool:
    """Whether this is overlay's mark for "removed here": a character device 0:0."""
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == 0


def is_opaque(directory: bytes) -> bool:
    """Whether overlay shows nothing of lower directories in this one."""
    for name in OPAQUE_NAMES:
        with suppress(OSError):
            if os.getxattr(directory, name, follow_symlinks=False) == b"y":
                return True
    return False
