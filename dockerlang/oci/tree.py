"""The file system that a stack of layers makes, seen through their indexes: no unpacking, no privilege."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerlang.oci.layer import LayerIndex
from dockerlang.oci.tar import Entry


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One file of the tree. `entry.path` is its normalised path, `entry.kind` is never a hard link.

    The data is `entry.size` bytes at `offset` in the uncompressed archive of `tree.layers[layer]`; `sha256` is the raw digest of it
    (empty for all but files). Nodes with the same `inode` are one file under several names. A directory that no layer lists has
    mode 0755, belongs to root and has layer -1.
    """

    entry: Entry
    layer: int
    offset: int
    sha256: bytes
    inode: tuple[int, int]


class MergedTree:
    """A view of layers stacked on each other, lowest first, with the semantics of an overlay mount."""

    layers: tuple[LayerIndex, ...]

    def __init__(self, layers: Sequence[LayerIndex]) -> None:
        raise NotImplementedError

    def lookup(self, path: bytes, *, follow: bool = True) -> TreeNode | None:
        """The node at `path` (absolute or relative to the root, `..` never leaves it); None where there is none.

        Symbolic links on the way are followed inside the root; the last component is, too, unless `follow` is false.
        Raises `InputError` after 40 links.
        """
        raise NotImplementedError

    def resolve(self, path: bytes) -> bytes:
        """The normalised path that `path` leads to when every symbolic link is followed; components that do not exist stay as they are."""
        raise NotImplementedError

    def children(self, directory: bytes) -> tuple[TreeNode, ...]:
        """What is in the directory at a normalised path, sorted by name as bytes; empty for what is no directory."""
        raise NotImplementedError

    def walk(self, directory: bytes = b"") -> Iterator[TreeNode]:
        """Everything below `directory`, each directory before its contents, names of a directory in the order of their bytes."""
        raise NotImplementedError
