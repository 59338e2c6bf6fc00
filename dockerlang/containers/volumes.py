"""Anonymous volumes: directories of a container that are no part of its layer, filled with what the image has there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import Path

from dockerlang.oci.layer.paths import resolve_in_root
from dockerlang.runtime.copying import copy_directory
from dockerlang.runtime.layer_trees import MergedDirectory, MergedEntry
from dockerlang.runtime.overlay import attribute_prefix
from dockerlang.runtime.process import Access, Bind


def make_volumes(targets: Iterable[str], directory: Path, lowers: tuple[Path, ...]) -> tuple[Bind, ...]:
    """Make a volume below `directory` for each target, with the files, owner and mode that the layers have there."""
    volumes: list[Bind] = []
    for target in dict.fromkeys(posixpath.normpath(target) for target in targets):
        volume = directory / str(len(volumes))
        volume.mkdir(0o755, parents=True)
        entry = _find(target, lowers)
        if entry is not None and entry.directory is not None:
            copy_directory(entry, volume)
        volumes.append(Bind(target, volume, Access.WRITE))
    return tuple(volumes)


def _find(path: str, lowers: tuple[Path, ...]) -> MergedEntry | None:
    """What a stack of trees has at `path`, links followed inside it."""
    root = MergedDirectory.of(lowers, attribute_prefix())

    def look(path: bytes) -> MergedEntry | None:
        entry, directory = None, root
        for name in filter(None, path.split(b"/")):
            entry = directory.find(name)
            if entry is None:
                return None
            directory = entry.directory or MergedDirectory((), root.prefix)
        return entry

    def link_at(path: bytes) -> bytes | None:
        entry = look(path)
        return entry.link if entry is not None else None

    return look(resolve_in_root(path.encode("utf-8", "surrogateescape"), link_at))
