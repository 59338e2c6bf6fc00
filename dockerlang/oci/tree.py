"""The file system that a stack of layers makes, seen through their indexes: no unpacking, no privilege.

A directory is made of the layers that have it, from the highest down to the first that replaces or hides it, as in an
overlay mount; nothing is merged before it is asked for. Two things that an overlay of the layers as they are cannot
show are brought in order first: entries below a symbolic link of a lower layer belong where the link leads, and hard
links to a file of a lower layer are that file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dockerlang.errors import InputError
from dockerlang.oci.layer.index import LayerIndex
from dockerlang.oci.layer.paths import join, normalise, parents, resolve_in_root, split
from dockerlang.oci.tar import Entry, Kind, printable
from dockerlang.records import record, replace

NO_LAYER = -1


@record
class TreeNode:
    """One file of the tree. `entry.path` is its normalised path; `entry.kind` is never that of a hard link.

    The data are `entry.size` bytes at `offset` in the uncompressed archive of `tree.layers[layer]`, and `sha256` is
    their raw digest (empty for all but files). Nodes with equal `inode` are one file under several names; a directory
    has none. A directory that no layer has an entry for has mode 0755, belongs to root and has the layer -1.
    """

    entry: Entry
    layer: int
    offset: int
    sha256: bytes
    inode: tuple[int, int] | None


@record
class _Found:
    """A node and, where it is a directory, the layers that it is made of, highest first."""

    node: TreeNode
    layers: tuple[int, ...]


class MergedTree:
    """A view of layers stacked on each other, lowest first."""

    def __init__(self, layers: Sequence[LayerIndex]) -> None:
        """Raises `InputError` for a hard link to a file that neither its layer nor one below has."""
        self._layers: list[LayerIndex] = []
        self._borrowed: dict[tuple[int, int], TreeNode] = {}
        self._directories: dict[bytes, _Found] = {}
        for layer in layers:
            self._stack(layer)

    def with_layer(self, layer: LayerIndex) -> MergedTree:
        """The view with one more layer on top; what was found out about those below is shared. Raises `InputError`."""
        made = MergedTree(())
        made._layers = list(self._layers)
        made._borrowed = dict(self._borrowed)
        made._stack(layer)
        return made

    @property
    def layers(self) -> tuple[LayerIndex, ...]:
        """The layers, lowest first, with the paths of their entries as they are in the tree."""
        return tuple(self._layers)

    def lookup(self, path: bytes, *, follow: bool = True) -> TreeNode | None:
        """The node at `path` (absolute or relative to the root, `..` never leaves it); None where there is none.

        Symbolic links on the way are followed inside the root; the last component is, too, unless `follow` is false.
        Raises `InputError` after 40 links.
        """
        found = self._find(resolve_in_root(path, self._link_at, follow_last=follow))
        return None if found is None else found.node

    def resolve(self, path: bytes) -> bytes:
        """The normalised path to which `path` leads when every symbolic link is followed.

        Components that do not exist stay as they are. Raises `InputError` after 40 links.
        """
        return resolve_in_root(path, self._link_at)

    def children(self, directory: bytes = b"") -> tuple[TreeNode, ...]:
        """What is in a directory, sorted by name as bytes; empty for what is no directory. No link is followed."""
        found = self._find(normalise(directory))
        return () if found is None else tuple(child.node for child in self._children(found))

    def walk(self, directory: bytes = b"") -> Iterator[TreeNode]:
        """Everything below a directory, each one before its contents, sorted as in `children`. No link is followed."""
        start = self._find(normalise(directory))
        pending = [] if start is None else self._children(start)[::-1]
        while pending:
            found = pending.pop()
            yield found.node
            pending.extend(self._children(found)[::-1])

    def _find(self, path: bytes) -> _Found | None:
        """What is at a normalised path, no link followed."""
        known = self._directories.get(path)
        if known is not None:
            return known
        directory, _ = split(path)
        found = self._directories.get(directory) or self._root()
        for step in (path,) if found.node.entry.path == directory else (*parents(path), path):
            below = self._directories.get(step) or self._look(step, found.layers)
            if below is None:
                return None
            if below.node.entry.kind is Kind.DIRECTORY:
                self._directories[step] = below
            found = below
        return found

    def _root(self) -> _Found:
        found = self._directories.get(b"")
        if found is None:
            # The root is there even if no layer mentions it.
            found = self._look(b"", tuple(range(len(self._layers) - 1, -1, -1)))
            found = self._directories[b""] = found or _Found(_unlisted_directory(b""), ())
        return found

    def _look(self, path: bytes, layers: tuple[int, ...]) -> _Found | None:
        """What the given layers, those of the directory above, make of `path`."""
        parts: list[int] = []
        listed: tuple[int, int] | None = None
        is_open = True
        for number in layers:
            layer = self._layers[number]
            row = layer.rows.get(path)
            if row is not None and layer.table.kind(row) is not Kind.DIRECTORY:
                if not parts:
                    return _Found(self._node(number, row), ())
                break
            if row is not None and listed is None:
                listed = number, row
            if is_open and (row is not None or path in layer.implied):
                parts.append(number)
            # Behind an opaque directory only its attributes can still come from below, never its contents.
            is_open = is_open and path not in layer.opaques
            if path in layer.whiteouts or (not is_open and listed is not None):
                break
        if not parts:
            return None
        node = _unlisted_directory(path) if listed is None else self._node(*listed)
        return _Found(node, tuple(parts))

    def _children(self, found: _Found) -> list[_Found]:
        directory = found.node.entry.path
        names: set[bytes] = set()
        for number in found.layers:
            names.update(self._layers[number].names.get(directory, ()))
        looked = (self._look(join(directory, name), found.layers) for name in sorted(names))
        return [child for child in looked if child is not None]

    def _node(self, number: int, row: int) -> TreeNode:
        borrowed = self._borrowed.get((number, row))
        if borrowed is not None:
            return borrowed
        table = self._layers[number].table
        target = table.targets.get(row, row)
        entry = table.entry(target, table.paths[row])
        inode = None if entry.kind is Kind.DIRECTORY else (number, target)
        return TreeNode(entry, number, table.offsets[target], table.sha256(target), inode)

    def _link_at(self, path: bytes) -> bytes | None:
        found = self._find(path)
        return found.node.entry.link if found is not None and found.node.entry.kind is Kind.SYMLINK else None

    def _stack(self, layer: LayerIndex) -> None:
        """Put `layer` on top, with what it says about lower layers brought in order."""

        def link_at(path: bytes) -> bytes | None:
            row = layer.rows.get(path)
            if row is not None:
                return layer.table.links.get(row) if layer.table.kind(row) is Kind.SYMLINK else None
            return None if _hides(layer, path) else self._link_at(path)

        layer = _through_links(layer, link_at)
        number = len(self._layers)
        for row in layer.foreign_links:
            path, link = layer.table.paths[row], layer.table.links[row]
            directory, name = split(link)
            found = self._find(join(resolve_in_root(directory, link_at), name))
            if found is None or found.node.entry.kind is Kind.DIRECTORY:
                raise InputError(f"layer: {printable(path)}: a hard link to {printable(link)}, which is no file")
            self._borrowed[number, row] = replace(found.node, entry=replace(found.node.entry, path=path))
        self._layers.append(layer)
        self._directories.clear()


def _through_links(layer: LayerIndex, link_at: Callable[[bytes], bytes | None]) -> LayerIndex:
    """`layer` with its entries below a symbolic link of a lower layer moved to where the link leads."""
    moves: dict[bytes, bytes] = {}
    for directory in layer.implied - {b""}:
        target = resolve_in_root(directory, link_at)
        if target != directory:
            moves[directory] = target
    if not moves:
        return layer

    def move(path: bytes) -> bytes:
        directory, _ = split(path)
        while directory:
            if directory in moves:
                return moves[directory] + path[len(directory) :]
            directory, _ = split(directory)
        return path

    return layer.moved(move)


def _hides(layer: LayerIndex, path: bytes) -> bool:
    """Whether the layer itself hides what layers below have at `path`, by a whiteout of it or of a directory above."""
    while path:
        if path in layer.whiteouts:
            return True
        path, _ = split(path)
        if path in layer.opaques:
            return True
    return False


def _unlisted_directory(path: bytes) -> TreeNode:
    return TreeNode(Entry(path, Kind.DIRECTORY, 0o755), NO_LAYER, 0, b"", None)
