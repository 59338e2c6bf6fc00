"""What a step changed, as the entries of a layer.

The directory that took the changes is walked and compared with the trees below it. As in BuildKit, a directory is
listed only if it or something in it changed, then with all its parents; what was copied up and is still the same is
left out; deletions are whiteouts, one by one, and never opaque directories. Unlike there, equal size and time are not
taken for equal content.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from dockerlang.errors import RuntimeFailure
from dockerlang.oci.layer.whiteouts import PREFIX, whiteout
from dockerlang.oci.tar import Entry, Kind, printable
from dockerlang.runtime.layer_trees import MergedDirectory, MergedEntry, attributes_of, is_same
from dockerlang.runtime.overlay import attribute_prefix, is_opaque, is_whiteout
from dockerlang.runtime.root import Root

Change = tuple[Entry, Callable[[], BinaryIO]]
"""An entry of the layer, and how to open its data (for regular files only)."""


def changes(root: Root) -> Iterator[Change]:
    """The entries of the layer that `root.upper` makes, in order; none when nothing changed.

    In each directory whiteouts come first, then names in order of their bytes, what is in a directory right after it.
    The first name of a hard-linked file is the file, the others are links to it. Sockets are left out. The root itself
    is listed only if its mode, owner or extended attributes changed.
    Raises RuntimeFailure for a name that no layer can hold, OSError for what cannot be read.
    """
    return _Comparison(attribute_prefix()).entries(root)


def describe(
    path: bytes, layer_path: bytes, status: os.stat_result, first_names: dict[tuple[int, int], bytes]
) -> Change:
    """The file at `path` as an entry called `layer_path`.

    `first_names` says under which name each inode with several names was listed first, and is kept up: a further name
    becomes a hard link to that one.
    """
    kind = _kind_of(status)
    link = b""
    if kind is Kind.SYMLINK:
        link = os.readlink(path)
    if status.st_nlink > 1 and kind is not Kind.DIRECTORY:
        first = first_names.setdefault((status.st_dev, status.st_ino), layer_path)
        if first != layer_path:
            kind, link = Kind.HARDLINK, first
    is_device = kind in {Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE}
    entry = Entry(
        layer_path,
        kind,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        size=status.st_size if kind is Kind.FILE else 0,
        mtime_ns=max(0, status.st_mtime_ns),
        link=link,
        dev_major=os.major(status.st_rdev) if is_device else 0,
        dev_minor=os.minor(status.st_rdev) if is_device else 0,
        xattrs={} if kind is Kind.HARDLINK else attributes_of(path),
    )
    return entry, partial(_open, path)


@dataclass
class _Frame:
    """A directory that is being walked: where it is, its path in the layer, and what is below it.

    `own` is its own entry as long as that has not been listed. With `is_hiding`, nothing below shines through.
    """

    path: bytes
    name: bytes
    below: MergedDirectory | None
    own: Change | None
    is_hiding: bool
    items: Iterator[Change | _Frame] = field(default_factory=lambda: iter(()))


class _Comparison:
    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._first_names: dict[tuple[int, int], bytes] = {}

    def entries(self, root: Root) -> Iterator[Change]:
        own = self._change_of_root(root)
        if own is not None:
            yield own
        upper = os.fsencode(root.upper)
        # A stack of our own, since a process may have made directories deeper than Python recurses.
        stack = [self._begin(_Frame(upper, b"", MergedDirectory.of(root.lowers, self._prefix), None, is_hiding=False))]
        while stack:
            item = next(stack[-1].items, None)
            if item is None:
                stack.pop()
            elif isinstance(item, _Frame):
                stack.append(self._begin(item))
            else:
                for frame in stack:
                    if frame.own is not None:
                        yield frame.own
                        frame.own = None
                yield item

    def _begin(self, frame: _Frame) -> _Frame:
        frame.items = self._items(frame)
        return frame

    def _items(self, frame: _Frame) -> Iterator[Change | _Frame]:
        """The changes in one directory, and its directories as frames of their own."""
        found = [(name, os.lstat(frame.path + b"/" + name)) for name in sorted(os.listdir(frame.path))]
        present = [
            (name, status) for name, status in found if not is_whiteout(frame.path + b"/" + name, status, self._prefix)
        ]
        yield from self._deletions(frame, {name for name, _ in found}, {name for name, _ in present})
        for name, status in present:
            if name.startswith(PREFIX):
                raise RuntimeFailure(
                    f"{printable(_join(frame.name, name))}: a layer cannot hold a file whose name begins with .wh.",
                    hint="names of this form mark deleted files in image layers",
                )
            if not stat.S_ISSOCK(status.st_mode):
                yield from self._item(frame, name, status)

    def _deletions(self, frame: _Frame, found: set[bytes], present: set[bytes]) -> Iterator[Change]:
        if frame.below is None:
            return
        gone = {name for name in found - present if frame.below.find(name)}
        if frame.is_hiding:
            gone.update(set(frame.below.names()) - present)
        for name in sorted(gone):
            yield whiteout(_join(frame.name, name)), partial(_open, os.devnull.encode())

    def _item(self, frame: _Frame, name: bytes, status: os.stat_result) -> Iterator[Change | _Frame]:
        path, layer_path = frame.path + b"/" + name, _join(frame.name, name)
        before = frame.below.find(name) if frame.below else None
        is_unchanged = before is not None and is_same(before, path, status)
        if not stat.S_ISDIR(status.st_mode):
            if not is_unchanged:
                yield self._change(path, layer_path, status)
            return
        change = self._change(path, layer_path, status)
        if not is_unchanged:
            yield change
        yield _Frame(
            path,
            layer_path,
            before.directory if before else None,
            change if is_unchanged else None,
            is_hiding=frame.is_hiding or is_opaque(path, self._prefix),
        )

    def _change_of_root(self, root: Root) -> Change | None:
        path, status = os.fsencode(root.upper), root.upper.stat()
        if root.lowers:
            top = root.lowers[-1]
            below = MergedEntry(os.fsencode(top), top.stat(), None)
            is_unchanged = is_same(below, path, status)
        else:
            is_unchanged = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid) == (0o755, 0, 0)
        return None if is_unchanged else self._change(path, b"", status)

    def _change(self, path: bytes, layer_path: bytes, status: os.stat_result) -> Change:
        return describe(path, layer_path, status, self._first_names)


def _kind_of(status: os.stat_result) -> Kind:
    match stat.S_IFMT(status.st_mode):
        case stat.S_IFDIR:
            return Kind.DIRECTORY
        case stat.S_IFLNK:
            return Kind.SYMLINK
        case stat.S_IFCHR:
            return Kind.CHARACTER_DEVICE
        case stat.S_IFBLK:
            return Kind.BLOCK_DEVICE
        case stat.S_IFIFO:
            return Kind.FIFO
        case _:
            return Kind.FILE


def _open(path: bytes) -> BinaryIO:
    return open(path, "rb")


def _join(directory: bytes, name: bytes) -> bytes:
    return directory + b"/" + name if directory else name
