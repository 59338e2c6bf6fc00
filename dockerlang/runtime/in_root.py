"""Paths inside a root that is not ours: resolved as that root sees them, without ever leaving it.

An image may hold any symbolic link. Every component is therefore opened by itself, without following links; links
are read and resolved here, absolute ones from the root, and `..` stops at it. Descriptors are O_PATH, and
`/proc/self/fd/N` names their object in a call that wants a path, again without any resolution.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from dockerlang.records import record

_OPEN = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK_LIMIT = 40  # the kernel's own


class Wanted(Enum):
    """What to make where the path ends in nothing."""

    NOTHING = "nothing"
    DIRECTORY = "directory"
    FILE = "file"


@record
class Stub:
    """An empty file or directory that was made only to be mounted on; `path` is free of links and relative."""

    path: bytes
    is_directory: bool


@record
class Touched:
    """A directory that got a stub: its time of change (ns) before the first and after the last of them."""

    path: bytes
    before: int
    after: int


@dataclass
class InRoot:
    """Opens paths below one root, and remembers what it had to make there.

    Only what lands on the root's own filesystem is remembered: what is made inside a mount goes with the mount.
    """

    root: int
    stubs: list[Stub] = field(default_factory=list)
    _before: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._device = os.fstat(self.root).st_dev

    @contextmanager
    def open(self, path: str, wanted: Wanted = Wanted.NOTHING) -> Iterator[int]:
        """The object at `path`; missing directories, and the object itself, are made when something is `wanted`.

        Raises OSError, FileNotFoundError among them.
        """
        trail = self._walk(path, wanted)
        try:
            yield trail[-1][1]
        finally:
            for _, descriptor in trail[1:]:
                os.close(descriptor)

    @contextmanager
    def place(self, path: str, wanted: Wanted = Wanted.NOTHING) -> Iterator[str]:
        """As `open`, but gives a path that means the object for as long as the block runs."""
        with self.open(path, wanted) as descriptor:
            yield by_descriptor(descriptor)

    def touched(self) -> tuple[Touched, ...]:
        """The directories that got stubs, with both times."""
        found = []
        for path, before in self._before.items():
            found.append(Touched(path, before, os.stat(path or b".", dir_fd=self.root).st_mtime_ns))
        return tuple(found)

    def _walk(self, path: str, wanted: Wanted) -> list[tuple[bytes, int]]:
        """The descriptors from the root to the object, each with its name; the first is the root itself."""
        pending = deque(os.fsencode(path).split(b"/"))
        trail = [(b"", self.root)]
        links = 0
        try:
            while pending:
                name = pending.popleft()
                if name in {b"", b"."}:
                    continue
                if name == b"..":
                    if len(trail) > 1:
                        os.close(trail.pop()[1])
                    continue
                try:
                    descriptor = os.open(name, _OPEN, dir_fd=trail[-1][1])
                except FileNotFoundError:
                    if wanted is Wanted.NOTHING:
                        raise
                    is_last = not any(part not in {b"", b"."} for part in pending)
                    descriptor = self._make(trail, name, is_directory=not is_last or wanted is Wanted.DIRECTORY)
                if not stat.S_ISLNK(os.fstat(descriptor).st_mode):
                    trail.append((name, descriptor))
                    continue
                os.close(descriptor)
                links += 1
                if links > _LINK_LIMIT:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                target = os.readlink(name, dir_fd=trail[-1][1])
                if target.startswith(b"/"):
                    while len(trail) > 1:
                        os.close(trail.pop()[1])
                pending.extendleft(reversed(target.split(b"/")))
        except OSError as error:
            for _, descriptor in trail[1:]:
                os.close(descriptor)
            error.filename = path
            raise
        return trail

    def _make(self, trail: list[tuple[bytes, int]], name: bytes, *, is_directory: bool) -> int:
        parent = trail[-1][1]
        status = os.fstat(parent)
        if status.st_dev == self._device:
            directory = b"/".join(part for part, _ in trail[1:])
            self._before.setdefault(directory, status.st_mtime_ns)
            self.stubs.append(Stub(directory + b"/" + name if directory else name, is_directory))
        if is_directory:
            os.mkdir(name, 0o755, dir_fd=parent)
        else:
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644, dir_fd=parent))
        return os.open(name, _OPEN, dir_fd=parent)


def by_descriptor(descriptor: int) -> str:
    """A path that names an open object exactly."""
    return f"/proc/self/fd/{descriptor}"


def remove_stubs(directory: os.PathLike[str], stubs: tuple[Stub, ...], touched: tuple[Touched, ...]) -> None:
    """Take the stubs out of the directory that received the changes, and set its directories' times back.

    What the process put into a stub directory keeps it; a directory that the process itself changed keeps its time.
    """
    root = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        times = {entry.path: entry for entry in touched}
        unchanged = [path for path, entry in times.items() if _time_of(root, path) == entry.after]
        for stub in reversed(stubs):
            _remove_stub(root, stub)
        for path in unchanged:
            _set_time(root, path, times[path].before)
    finally:
        os.close(root)


def _remove_stub(root: int, stub: Stub) -> None:
    directory, _, name = stub.path.rpartition(b"/")
    with _strictly(root, directory) as parent:
        if parent is None:
            return
        try:
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if stub.is_directory and stat.S_ISDIR(status.st_mode):
                os.rmdir(name, dir_fd=parent)
            elif not stub.is_directory and stat.S_ISREG(status.st_mode) and status.st_size == 0:
                os.unlink(name, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise


def _time_of(root: int, path: bytes) -> int | None:
    with _strictly(root, path) as descriptor:
        return None if descriptor is None else os.fstat(descriptor).st_mtime_ns


def _set_time(root: int, path: bytes, time: int) -> None:
    with _strictly(root, path) as descriptor:
        if descriptor is not None:
            os.utime(by_descriptor(descriptor), ns=(time, time))


@contextmanager
def _strictly(root: int, path: bytes) -> Iterator[int | None]:
    """The directory at `path` without following any link; None when the process has put something else there."""
    descriptor = os.dup(root)
    try:
        for name in path.split(b"/") if path else ():
            try:
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=descriptor)
            except (FileNotFoundError, NotADirectoryError):
                yield None
                return
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
                yield None
                return
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)
