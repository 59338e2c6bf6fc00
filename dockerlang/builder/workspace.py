"""A file system that is being changed: the layers below, and what one step puts on top of them as a new layer.

COPY, ADD and WORKDIR need no mounted root. They look up paths in the merged tree of the layers below, record what they
create, and in the end the record is written as a layer: every changed path, with its parent directories, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from dockerlang.builder.files import MAX_LINKS
from dockerlang.errors import DockerlangError
from dockerlang.oci.layer import LayerIndex, LayerWriter
from dockerlang.oci.tar import Entry, Kind
from dockerlang.oci.tree import MergedTree
from dockerlang.records import replace

Opener = Callable[[], BinaryIO]


class Change(NamedTuple):
    """A file that the step creates; `inode` ties the names of one file together."""

    entry: Entry
    open: Opener | bytes
    inode: object | None


class NotADirectory(DockerlangError):
    """A path leads through something that is no directory."""


class CopyConflict(DockerlangError):
    """A file stands where a directory has to go, or the other way round."""


class Workspace:
    """The state of a root file system during one step; `now` (nanoseconds) is the time of what is created."""

    def __init__(self, base: MergedTree, now: int) -> None:
        self._base = base
        self.now = now
        self._changes: dict[bytes, Change] = {}
        # Directories of the base that the step replaced by something else: nothing below them shows through.
        self._hidden: set[bytes] = set()

    def get(self, path: bytes) -> Entry | None:
        """The entry at a path that holds no symbolic links but perhaps at its end."""
        change = self._changes.get(path)
        if change is not None:
            return change.entry
        if self._hidden and self._is_hidden(path):
            return None
        node = self._base.lookup(path, follow=False)
        return None if node is None else node.entry

    def _is_hidden(self, path: bytes) -> bool:
        while path:
            path = path.rpartition(b"/")[0]
            if path in self._hidden:
                return True
        return False

    def resolve(self, path: bytes) -> bytes:
        """`path` with every symbolic link followed, inside the root; missing components stay as they are."""
        links = 0
        todo = [part for part in reversed(path.split(b"/")) if part]
        at: list[bytes] = []
        while todo:
            part = todo.pop()
            if part == b".":
                continue
            if part == b"..":
                if at:
                    at.pop()
                continue
            at.append(part)
            entry = self.get(b"/".join(at))
            if entry is not None and entry.kind is Kind.SYMLINK:
                links += 1
                if links > MAX_LINKS:
                    raise NotADirectory(f"too many symbolic links in /{_shown(path)}")
                at = [] if entry.link.startswith(b"/") else at[:-1]
                todo.extend(step for step in reversed(entry.link.split(b"/")) if step)
        return b"/".join(at)

    def make_directories(self, path: bytes, *, mode: int = 0o755, uid: int = 0, gid: int = 0) -> bytes:
        """Create what is missing of a directory's path, links followed; the path that it really has."""
        resolved = self.resolve(path)
        parts = resolved.split(b"/") if resolved else []
        for count in range(1, len(parts) + 1):
            at = b"/".join(parts[:count])
            entry = self.get(at)
            if entry is None:
                self.put(Entry(at, Kind.DIRECTORY, mode=mode, uid=uid, gid=gid, mtime_ns=self.now))
            elif entry.kind is not Kind.DIRECTORY:
                raise NotADirectory(f"/{_shown(at)} is not a directory")
        return resolved

    def put(self, entry: Entry, data: Opener | bytes = b"", inode: object | None = None) -> None:
        """Create or replace the file at `entry.path`, whose parents exist; a directory over a directory is merged."""
        path = entry.path
        if entry.kind is not Kind.DIRECTORY:
            old = self.get(path)
            if old is not None and old.kind is Kind.DIRECTORY:
                self._hidden.add(path)
                below = path + b"/"
                for inner in [name for name in self._changes if name.startswith(below)]:
                    del self._changes[inner]
        self._changes[path] = Change(entry, data, inode)

    def link(self, target: bytes, path: bytes) -> bool:
        """Make `path` another name of a file that this step created; False where it created no such file."""
        change = self._changes.get(target)
        if change is None or change.entry.kind is Kind.DIRECTORY:
            return False
        inode = change.inode if change.inode is not None else object()
        self._changes[target] = change._replace(inode=inode)
        self.put(replace(change.entry, path=path), change.open, inode)
        return True

    def write(self, writer: LayerWriter) -> LayerIndex:
        """Write the changes as a layer and end it."""
        paths = set(self._changes)
        for path in self._changes:
            parent = path.rpartition(b"/")[0]
            while parent and parent not in paths:
                paths.add(parent)
                parent = parent.rpartition(b"/")[0]
        first_names: dict[object, bytes] = {}
        for path in sorted(paths, key=lambda path: path.split(b"/")):
            change = self._changes.get(path)
            if change is None:
                parent_entry = self.get(path)
                assert parent_entry is not None, path
                writer.add(replace(parent_entry, mtime_ns=self.now))
                continue
            entry = change.entry
            first = first_names.setdefault(change.inode, path) if change.inode is not None else path
            if first != path:
                writer.add(replace(entry, kind=Kind.HARDLINK, link=first, size=0))
            elif isinstance(change.open, bytes):
                writer.add(entry, change.open)
            elif entry.kind is Kind.FILE and entry.size:
                with change.open() as stream:
                    writer.add(entry, stream)
            else:
                writer.add(entry)
        return writer.close()


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "replace")
