"""Writes files of an image into a directory of the user's, where other files may be already.

Nothing is followed on the way: every step is taken from an open directory, and where a link, or anything else that is
no directory, stands in the place of one, it is replaced. A file is written beside and renamed into its place, so that
what was there is whole until then. What is written belongs to whoever builds, as in the reference.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from dockerlang.builder.outputs.root_files import RootFile
from dockerlang.errors import DockerlangError
from dockerlang.oci.tar import Entry, Kind, Readable, printable

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK = 1 << 20
_OPEN_DIRECTORIES = 64


class OutputFailed(DockerlangError):
    """A result cannot be written where it was to go."""


def write_directory(files: Iterator[RootFile], destination: Path, *, removes_others: bool = False) -> None:
    """Write files below `destination`, which is made if it is missing; what else is there stays or is removed.

    Raises `OutputFailed`, which names the file, where the system refuses.
    """
    try:
        destination.mkdir(parents=True, exist_ok=True)
        with _Target(destination) as target:
            for entry, data in files:
                try:
                    target.put(entry, data)
                except OSError as error:
                    raise OutputFailed(
                        f"cannot write {printable(entry.path)} below {destination}: {error.strerror}",
                        hint=_advice(entry),
                    ) from None
            if removes_others:
                target.remove_others()
            target.finish()
    except OSError as error:
        raise OutputFailed(f"cannot write to {destination}: {error.strerror}") from None


def _advice(entry: Entry) -> str:
    if entry.kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE):
        return "only root can make devices; --output type=tar,dest=FILE holds them for anybody"
    return ""


class _Target:
    """The directory, and the directories below it that are open; `_written` are the paths that the image has."""

    def __init__(self, destination: Path) -> None:
        self._root = os.open(destination, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: dict[bytes, int] = {}
        self._directories: list[Entry] = []
        self._written: set[bytes] = set()

    def __enter__(self) -> _Target:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in (*self._open.values(), self._root):
            os.close(descriptor)

    def put(self, entry: Entry, data: Readable | None) -> None:
        """Write one file; its directory was written before."""
        directory, _, name = entry.path.rpartition(b"/")
        parent = self._descriptor(directory)
        self._written.add(entry.path)
        if entry.kind is Kind.DIRECTORY:
            self._make_directory(parent, name)
            self._directories.append(entry)
            return
        # Opening the directory of a link's source may close this one.
        parent = os.dup(parent)
        temporary = b".dockerlang-" + uuid4().hex.encode()
        try:
            if _is_directory(parent, name):
                self._forget(entry.path)
                _remove(parent, name)
            self._make(entry, data, parent, temporary)
            os.rename(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
        finally:
            # A rename over another name of the same file does nothing.
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=parent)
            os.close(parent)

    def finish(self) -> None:
        """Set the modes and times of directories, when nothing is written into them any more."""
        for entry in reversed(self._directories):
            descriptor = self._descriptor(entry.path)
            os.fchmod(descriptor, entry.mode)
            os.utime(descriptor, ns=(entry.mtime_ns, entry.mtime_ns))

    def remove_others(self) -> None:
        """Remove what the image does not have."""
        for path in (b"", *(entry.path for entry in self._directories)):
            directory = self._descriptor(path)
            for found in os.listdir(directory):
                name = os.fsencode(found)
                if (path + b"/" + name if path else name) not in self._written:
                    _remove(directory, name)

    def _make(self, entry: Entry, data: Readable | None, parent: int, name: bytes) -> None:
        match entry.kind:
            case Kind.FILE:
                assert data is not None
                _write_file(entry, data, parent, name)
            case Kind.SYMLINK:
                os.symlink(entry.link, name, dir_fd=parent)
            case Kind.HARDLINK:
                self._link(entry, parent, name)
                return
            case Kind.FIFO:
                os.mkfifo(name, entry.mode, dir_fd=parent)
            case Kind.CHARACTER_DEVICE | Kind.BLOCK_DEVICE:
                kind = stat.S_IFCHR if entry.kind is Kind.CHARACTER_DEVICE else stat.S_IFBLK
                device = os.makedev(entry.dev_major, entry.dev_minor)
                os.mknod(name, kind | entry.mode, device, dir_fd=parent)
        if entry.kind in (Kind.FIFO, Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE):
            # The caller's mask has cut what they were made with.
            os.chmod(name, entry.mode, dir_fd=parent)
        times = (entry.mtime_ns, entry.mtime_ns)
        os.utime(name, ns=times, dir_fd=parent, follow_symlinks=False)

    def _link(self, entry: Entry, parent: int, name: bytes) -> None:
        directory, _, source = entry.link.rpartition(b"/")
        os.link(source, name, src_dir_fd=self._descriptor(directory), dst_dir_fd=parent, follow_symlinks=False)

    def _make_directory(self, parent: int, name: bytes) -> None:
        if _is_directory(parent, name):
            _open_up(parent, name)
            return
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=parent)
        os.mkdir(name, 0o700, dir_fd=parent)

    def _descriptor(self, directory: bytes) -> int:
        """An open directory below the destination; it stays open only until the next call."""
        if not directory:
            return self._root
        if directory not in self._open:
            above, _, name = directory.rpartition(b"/")
            opened = os.open(name, _DIRECTORY, dir_fd=self._descriptor(above))
            if len(self._open) >= _OPEN_DIRECTORIES:
                os.close(self._open.pop(next(iter(self._open))))
            self._open[directory] = opened
        return self._open[directory]

    def _forget(self, path: bytes) -> None:
        for directory in [name for name in self._open if name == path or name.startswith(path + b"/")]:
            os.close(self._open.pop(directory))


def _write_file(entry: Entry, data: Readable, parent: int, name: bytes) -> None:
    descriptor = os.open(
        name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=parent
    )
    # Buffered: a raw file may write less than it is given, as when the disk becomes full.
    with open(descriptor, "wb") as file:
        while chunk := data.read(_CHUNK):
            file.write(chunk)
        for attribute, value in entry.xattrs.items():
            # A file system, or a user, that may not have an attribute can still have the file.
            with suppress(OSError):
                os.setxattr(descriptor, attribute, value)
        os.fchmod(descriptor, entry.mode)


def _open_up(parent: int, name: bytes) -> None:
    """Let us write into a directory of an earlier output; it gets its own mode in the end."""
    descriptor = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        with suppress(PermissionError):
            os.chmod(f"/proc/self/fd/{descriptor}", 0o700)
    finally:
        os.close(descriptor)


def _is_directory(parent: int, name: bytes) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _remove(parent: int, name: bytes) -> None:
    """Remove a file, or a directory with all that is in it; no link is followed."""
    if not _is_directory(parent, name):
        os.unlink(name, dir_fd=parent)
        return
    descriptor = os.open(name, _DIRECTORY, dir_fd=parent)
    try:
        for child in os.listdir(descriptor):
            _remove(descriptor, os.fsencode(child))
    finally:
        os.close(descriptor)
    os.rmdir(name, dir_fd=parent)
