"""Looks paths up in a stack of unpacked trees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dockerlang.oci.layer.paths import resolve_in_root
from dockerlang.runtime.layer_trees import MergedDirectory, MergedEntry
from dockerlang.runtime.overlay import attribute_prefix


def merged(trees: Sequence[Path]) -> MergedDirectory:
    """The directory that the trees make together, given lowest first."""
    return MergedDirectory.of(trees, attribute_prefix())


def look(directory: MergedDirectory, path: bytes) -> MergedEntry | None:
    """What is at a path below a directory, links not followed."""
    entry = None
    for name in filter(None, path.split(b"/")):
        entry = directory.find(name)
        if entry is None:
            return None
        directory = entry.directory or MergedDirectory((), directory.prefix)
    return entry


def resolve(path: bytes, trees: Sequence[Path], *, follow_last: bool = True) -> bytes:
    """The path with its links followed inside the trees; what is not there stays as it is written."""
    root = merged(trees)

    def link_at(path: bytes) -> bytes | None:
        entry = look(root, path)
        return entry.link if entry is not None else None

    return resolve_in_root(path, link_at, follow_last=follow_last)


def find_in_trees(path: bytes, trees: Sequence[Path], *, follow_last: bool = True) -> MergedEntry | None:
    """What the trees have at `path`, links followed inside them."""
    return look(merged(trees), resolve(path, trees, follow_last=follow_last))
