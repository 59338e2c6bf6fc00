"""Reads a stack of unpacked layer trees as the one directory tree that it stands for, without mounting anything."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from dockerlang.records import record
from dockerlang.runtime.overlay import is_opaque, is_whiteout

_OVERLAY_PREFIXES = ("trusted.overlay.", "user.overlay.")


@record
class MergedEntry:
    """A visible name: where its topmost file is, and, for a directory, the directories that merge into it."""

    path: bytes
    status: os.stat_result
    directory: MergedDirectory | None

    @property
    def link(self) -> bytes | None:
        """Where a symbolic link leads, None for anything else."""
        return os.readlink(self.path) if stat.S_ISLNK(self.status.st_mode) else None


@record
class MergedDirectory:
    """The directories, topmost first, that together are one; `prefix` is that of overlayfs' attributes."""

    paths: tuple[bytes, ...]
    prefix: str

    @classmethod
    def of(cls, lowers: Sequence[Path], prefix: str) -> MergedDirectory:
        """The root of a stack of trees, given lowest first."""
        return cls(tuple(os.fsencode(lower) for lower in reversed(lowers)), prefix)

    def find(self, name: bytes) -> MergedEntry | None:
        """The entry of that name, None when no tree has one or it was deleted."""
        top: tuple[bytes, os.stat_result] | None = None
        directories: list[bytes] = []
        for parent in self.paths:
            path = parent + b"/" + name
            try:
                status = os.lstat(path)
            except FileNotFoundError:
                continue
            if is_whiteout(path, status, self.prefix):
                break
            if not stat.S_ISDIR(status.st_mode):
                if top is None:
                    return MergedEntry(path, status, None)
                break
            top = top or (path, status)
            directories.append(path)
            if is_opaque(path, self.prefix):
                break
        if top is None:
            return None
        return MergedEntry(*top, MergedDirectory(tuple(directories), self.prefix))

    def names(self) -> list[bytes]:
        """The visible names, in order of their bytes."""
        return sorted(entry_name for entry_name in self._candidates() if self.find(entry_name))

    def _candidates(self) -> set[bytes]:
        return {name for path in self.paths for name in os.listdir(path)}


def attributes_of(path: bytes) -> dict[bytes, bytes]:
    """The extended attributes that belong to a file rather than to this machine: not overlayfs', not SELinux's."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:
        return {}
    return {
        os.fsencode(name): os.getxattr(path, name, follow_symlinks=False)
        for name in sorted(names)
        if not name.startswith(_OVERLAY_PREFIXES) and name != "security.selinux"
    }


def is_same(entry: MergedEntry, path: bytes, status: os.stat_result) -> bool:
    """Whether the file at `path` is, to the last byte, what `entry` already was.

    A directory's time does not count: it says only that something below it changed, or was about to.
    """
    one, other = entry.status, status
    if (one.st_mode, one.st_uid, one.st_gid) != (other.st_mode, other.st_uid, other.st_gid):
        return False
    if not stat.S_ISDIR(one.st_mode):
        if (one.st_size, one.st_mtime_ns, one.st_rdev) != (other.st_size, other.st_mtime_ns, other.st_rdev):
            return False
        if stat.S_ISLNK(one.st_mode) and os.readlink(entry.path) != os.readlink(path):
            return False
    if attributes_of(entry.path) != attributes_of(path):
        return False
    return not stat.S_ISREG(one.st_mode) or _have_same_content(entry.path, path)


def _have_same_content(one: bytes, other: bytes) -> bool:
    with open(one, "rb") as first, open(other, "rb") as second:
        while True:
            block = first.read(1 << 20)
            if block != second.read(1 << 20):
                return False
            if not block:
                return True
