"""A container's file system without its mounts: what changed in it, and what it holds, as members of archives."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from typing import BinaryIO

from dockerlang.containers.trees import look
from dockerlang.errors import NotFoundError
from dockerlang.oci.digest import Digest
from dockerlang.oci.tar import Entry, Kind, TarWriter
from dockerlang.oci.tar.writer import Writable
from dockerlang.runtime.changes import changes, describe
from dockerlang.runtime.layer_trees import MergedDirectory, MergedEntry
from dockerlang.runtime.overlay import attribute_prefix
from dockerlang.runtime.root import Root
from dockerlang.store.operation import Operation
from dockerlang.store.records import Container, StoredImage

Member = tuple[Entry, Callable[[], BinaryIO]]
"""An entry of an archive, and how to open its data (for regular files only)."""


def find_container(operation: Operation, name: str) -> Container:
    """The container with that name or ID; NotFoundError where there is none."""
    container = operation.store.find_container(name)
    if container is None:
        raise NotFoundError(f"No such container: {name}", hint="`dockerlang ps -a` lists them")
    return container


def root_of(operation: Operation, container: Container) -> Root:
    """The trees that the container's root consists of. Needs root, or the root of our user namespace."""
    image = image_of(operation, container)
    return Root(operation.layer_trees(image.diff_ids), container.upper, container.work)


def image_of(operation: Operation, container: Container) -> StoredImage:
    """The container's image, pinned; NotFoundError where it was removed by force."""
    image = operation.find(Digest.parse(str(container.image)))
    if image is None:
        raise NotFoundError(f"No such image: {container.image}", hint="the image of the container was removed by force")
    return image


def changed_paths(root: Root) -> Iterator[tuple[str, bytes]]:
    """What the container changed: `A` added, `C` changed or `D` deleted, and the absolute path."""
    below = MergedDirectory.of(root.lowers, attribute_prefix())
    for entry, _ in changes(root):
        directory, _, name = entry.path.rpartition(b"/")
        if name.startswith(b".wh."):
            yield "D", b"/" + (directory + b"/" if directory else b"") + name.removeprefix(b".wh.")
        elif entry.path:
            yield ("A" if look(below, entry.path) is None else "C"), b"/" + entry.path


def export(root: Root, stream: Writable) -> None:
    """Write the whole file system as a tar archive."""
    writer = TarWriter(stream)
    merged = _merged(root)
    for member in members_below(merged, b""):
        add_member(writer, member)
    writer.close()


def members_below(
    directory: MergedDirectory, path: bytes, first_names: dict[tuple[int, int], bytes] | None = None
) -> Iterator[Member]:
    """All that is in a directory, as entries whose paths begin with `path`; sockets are left out."""
    names = {} if first_names is None else first_names
    # A stack of our own, since a process may have made directories deeper than Python recurses.
    stack = [(path, directory, iter(directory.names()))]
    while stack:
        parent, merged, rest = stack[-1]
        name = next(rest, None)
        if name is None:
            stack.pop()
            continue
        entry = merged.find(name)
        if entry is None or stat.S_ISSOCK(entry.status.st_mode):
            continue
        inner = parent + b"/" + name if parent else name
        yield member_of(entry, inner, names)
        if entry.directory is not None:
            stack.append((inner, entry.directory, iter(entry.directory.names())))


def member_of(entry: MergedEntry, path: bytes, first_names: dict[tuple[int, int], bytes]) -> Member:
    """One file as an entry of an archive at `path`; a further name of a file in `first_names` is a hard link."""
    return describe(entry.path, path, entry.status, first_names)


def add_member(writer: TarWriter, member: Member) -> None:
    """Add an entry with its data."""
    entry, open_data = member
    if entry.kind is Kind.FILE and entry.size:
        with open_data() as data:
            writer.add(entry, data)
    else:
        writer.add(entry)


def _merged(root: Root) -> MergedDirectory:
    return MergedDirectory.of((*root.lowers, root.upper), attribute_prefix())
