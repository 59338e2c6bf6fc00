"""What COPY and ADD read from: files of a directory tree, whether it lies on disk or in layers.

A `SourceTree` gives nodes by path; a node says what a layer would say about the file, can be opened, and knows the
digest of its content. Paths are bytes, normalised, relative to the tree's root, the root being empty.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from dockerlang.oci.tar import Entry, Kind
from dockerlang.records import record

MAX_LINKS = 40


@record
class SourceFile:
    """One file of a tree. `inode` is equal for the names of one file (None where it has one name only).

    `open` gives the data of a regular file. `content_digest` is the raw SHA-256 of it, empty for other kinds.
    """

    entry: Entry
    inode: tuple[int, int] | None
    open: Callable[[], BinaryIO]
    content_digest: Callable[[], bytes]

    @property
    def path(self) -> bytes:
        """Where the file stands in its tree."""
        return self.entry.path

    @property
    def is_directory(self) -> bool:
        """Whether the file is a directory."""
        return self.entry.kind is Kind.DIRECTORY


class SourceTree(Protocol):
    """Files to copy from."""

    def get(self, path: bytes) -> SourceFile | None:
        """The file at a normalised path whose parents are no symbolic links; links are not followed."""
        ...

    def children(self, directory: bytes) -> Iterator[SourceFile]:
        """What is in the directory, by name."""
        ...

    def prepare(self, files: list[SourceFile]) -> None:
        """Told before the digests of many files are asked for, so that they can be looked up at once."""
        ...


def normalise(path: str | bytes) -> bytes:
    """A path from its tree's root: `..` stops there, slashes and dots are tidied."""
    raw = path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path
    return posixpath.normpath(b"/" + raw).lstrip(b"/")


def resolve(tree: SourceTree, path: bytes) -> SourceFile | None:
    """The file that `path` leads to when symbolic links are followed, none of which leaves the tree."""
    links = 0
    todo = [part for part in reversed(path.split(b"/")) if part]
    at: list[bytes] = []
    found = tree.get(b"")
    while todo:
        part = todo.pop()
        if part == b".":
            continue
        if part == b"..":
            if at:
                at.pop()
            continue
        found = tree.get(b"/".join([*at, part]))
        if found is None:
            return None
        if found.entry.kind is Kind.SYMLINK:
            links += 1
            if links > MAX_LINKS:
                return None
            if found.entry.link.startswith(b"/"):
                at = []
            todo.extend(step for step in reversed(found.entry.link.split(b"/")) if step)
            continue
        at.append(part)
        if todo and not found.is_directory:
            return None
    return tree.get(b"/".join(at))


def walk(tree: SourceTree, directory: bytes) -> Iterator[SourceFile]:
    """Everything below `directory`, each directory before its contents, names in the order of their bytes."""
    for child in tree.children(directory):
        yield child
        if child.is_directory:
            yield from walk(tree, child.path)
