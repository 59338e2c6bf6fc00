"""Unpacked layers in `layers/`, each made once and shared by everything that mounts it.

A tree is unpacked (or taken over from a finished step) beside, renamed into place and noted, and synced before it is
entered (`store/pending.py`): a crash leaves either a whole tree or none. While one process unpacks a tree, others that
want it wait for its lock.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

from dockerlang.oci.digest import Digest, chain_ids
from dockerlang.oci.layer import LayerIndex
from dockerlang.oci.layer.indexing import LayerIndexer
from dockerlang.store import images
from dockerlang.store.blobs import CHUNK, damaged
from dockerlang.store.layer_sink import LayerSink, note_new_layer
from dockerlang.store.layout import Layout
from dockerlang.store.locks import hold
from dockerlang.store.pending import note_tree
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Layer, Pins
from dockerlang.store.tree_files import copy_directory_attributes
from dockerlang.store.unpack import TreeForm, apply_layer


class TreeOwner(Protocol):
    """What an operation gives to those who make trees: layers to read, pins, and room for what is not done yet."""

    @property
    def store(self) -> StoreReader: ...
    def pin(self, connection: sqlite3.Connection, pins: Pins) -> None: ...
    def scratch(self, name: str) -> Path: ...


def layer_trees(operation: TreeOwner, diff_ids: Sequence[Digest]) -> tuple[Path, ...]:
    """The pinned trees of a chain of layers, lowest first; see `Operation.layer_trees`."""
    layout = operation.store.layout
    chain = chain_ids(diff_ids)
    with operation.store.database.note() as connection:
        operation.pin(
            connection,
            {"layer": tuple(str(diff_id) for diff_id in diff_ids), "tree": tuple(str(chain_id) for chain_id in chain)},
        )
        missing = [index for index, chain_id in enumerate(chain) if not _is_present(connection, layout, chain_id)]
    trees = tuple(layout.tree(chain_id) / "fs" for chain_id in chain)
    for index in missing:
        _unpack_once(operation, chain[index], diff_ids[index], trees[:index])
    return tuple(_link(layout, chain_id) for chain_id in chain)


def commit_with_tree(
    operation: TreeOwner, sink: LayerSink, index: LayerIndex, lowers: Sequence[Digest], upper: Path
) -> Layer:
    """Note a layer together with its tree; see `Operation.commit_with_tree`."""
    layout = operation.store.layout
    chain_id = chain_ids((*lowers, index.diff_id))[-1]
    directory = operation.scratch("adopted")
    os.rename(upper, directory / "fs")
    with sink.closed(index) as blob, operation.store.database.note() as connection:
        layer = note_new_layer(connection, layout, blob, index)
        _place(operation, connection, chain_id, layer.diff_id, directory)
    return layer


def _unpack_once(operation: TreeOwner, chain_id: Digest, diff_id: Digest, lowers: Sequence[Path]) -> None:
    layout, database = operation.store.layout, operation.store.database
    with hold(layout.locks / f"tree-{chain_id.hex}"):
        with database.read() as connection:
            if _is_present(connection, layout, chain_id):
                return
            if images.find_layer(connection, layout, diff_id) is None:
                raise damaged(diff_id)
        directory = operation.scratch("tree")
        tree = directory / "fs"
        _make_root(tree, lowers)
        with operation.store.read_layer(diff_id) as reading:
            verified = VerifiedStream(reading.stream)
            indexer = LayerIndexer() if reading.wants_index else None
            apply_layer(verified, tree, TreeForm.OVERLAY, lowers, indexer)
            found = verified.drain()
            if indexer is not None:
                reading.keep(indexer.finish(found, verified.size))
            elif found != diff_id:
                raise damaged(diff_id)
        _enter(operation, chain_id, diff_id, directory)


def _enter(operation: TreeOwner, chain_id: Digest, diff_id: Digest, directory: Path) -> None:
    with operation.store.database.note() as connection:
        _place(operation, connection, chain_id, diff_id, directory)


def _place(
    operation: TreeOwner, connection: sqlite3.Connection, chain_id: Digest, diff_id: Digest, directory: Path
) -> None:
    """Move a tree to its place, note it and pin it, inside a transaction."""
    layout = operation.store.layout
    operation.pin(connection, {"layer": (str(diff_id),), "tree": (str(chain_id),)})
    if _is_present(connection, layout, chain_id):
        return
    target = layout.tree(chain_id)
    if os.path.lexists(target):
        # A process died between its rename and its row: nobody uses this tree, and it may not be on the disk.
        os.rename(target, operation.scratch("leftover") / "fs")
    os.rename(directory, target)
    note_tree(connection, chain_id, diff_id)


def _is_present(connection: sqlite3.Connection, layout: Layout, chain_id: Digest) -> bool:
    row = connection.execute(
        "SELECT 1 FROM tree WHERE chain_id = ?1 UNION SELECT 1 FROM pending_tree WHERE chain_id = ?1", (str(chain_id),)
    ).fetchone()
    return row is not None and (layout.tree(chain_id) / "fs").is_dir()


def _link(layout: Layout, chain_id: Digest) -> Path:
    """The short link to a tree that is there and pinned."""
    link = layout.tree_link(chain_id)
    target = f"../{chain_id.hex}/fs"
    while True:
        try:
            if os.readlink(link) == target:
                return link
            os.unlink(link)
        except FileNotFoundError:
            pass
        try:
            os.symlink(target, link)
        except FileExistsError:
            continue


def _make_root(tree: Path, lowers: Sequence[Path]) -> None:
    """The root of a tree looks like that of the tree below: overlay shows the uppermost one's attributes."""
    tree.mkdir()
    descriptor = os.open(tree, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if lowers:
            time = copy_directory_attributes(os.fsencode(lowers[-1]), descriptor)
        else:
            os.fchmod(descriptor, 0o755)
            time = 0
        os.utime(descriptor, ns=(time, time))
    finally:
        os.close(descriptor)


class VerifiedStream:
    """A stream that knows the digest and the length in bytes of all that was read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = sha256()
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        """As that of the stream."""
        data = self._stream.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def drain(self) -> Digest:
        """Read to the end, since the digest of a layer covers what follows its archive too; returns the digest."""
        while self.read(CHUNK):
            pass
        return Digest("sha256", self._hash.hexdigest())
