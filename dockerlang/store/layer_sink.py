"""Where a new layer is written: into ingest/ first, into the store as a whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dockerlang.errors import StoreError
from dockerlang.oci import media
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer import LayerIndex, index_layer
from dockerlang.store.blobs import BlobWriter, StagedBlob, is_present, place
from dockerlang.store.database import Database
from dockerlang.store.images import enter_layer, find_layer
from dockerlang.store.layer_data import content_size, write_index
from dockerlang.store.layout import Layout
from dockerlang.store.pending import note_layer
from dockerlang.store.records import Layer, Pins


class LayerSink:
    """A binary sink for a layer's plain tar; leaving the `with` block without `commit` drops it."""

    def __init__(
        self, layout: Layout, database: Database, ingest: Path, pin: Callable[[sqlite3.Connection, Pins], None]
    ) -> None:
        self._layout = layout
        self._database = database
        self._pin = pin
        self._writer = BlobWriter(ingest)

    def __enter__(self) -> LayerSink:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.__exit__()

    def write(self, data: bytes | memoryview) -> int:
        """Append `data`; returns its length."""
        return self._writer.write(data)

    def digest(self) -> Digest:
        """The digest of what was written so far."""
        return self._writer.digest()

    def commit(self, index: LayerIndex | None = None) -> Layer:
        """Enter the layer and pin it. `index` is that of what was written, if the caller made it on the way."""
        with _dropped_afterwards(self._writer.close()) as blob:
            if index is None:
                with open(blob.path, "rb") as file:
                    index = index_layer(file)
            _compare(index, blob)
            with self._database.note() as connection:
                layer = note_new_layer(connection, self._layout, blob, index)
                self._pin(connection, {"layer": (str(layer.diff_id),)})
            write_index(self._layout, index)
            return layer

    @contextmanager
    def closed(self, index: LayerIndex) -> Iterator[StagedBlob]:
        """What was written, for the block to enter; nothing of it is synced yet."""
        with _dropped_afterwards(self._writer.close()) as blob:
            _compare(index, blob)
            write_index(self._layout, index)
            yield blob


@contextmanager
def _dropped_afterwards(blob: StagedBlob) -> Iterator[StagedBlob]:
    """The blob, removed from ingest/ if it is still there after the block."""
    try:
        yield blob
    finally:
        with suppress(FileNotFoundError):
            blob.path.unlink()


def _compare(index: LayerIndex, blob: StagedBlob) -> None:
    if index.diff_id != blob.digest:
        raise StoreError(f"layer {blob.digest}: its index is of {index.diff_id}")


def note_new_layer(connection: sqlite3.Connection, layout: Layout, blob: StagedBlob, index: LayerIndex) -> Layer:
    """Move the blob of a layer that was made here to its place, and note it, unless the layer is there in some form."""
    layer = Layer(index.diff_id, content_size(index), index.size)
    found = find_layer(connection, layout, index.diff_id)
    if found is None or found.content_size < 0:
        if not is_present(layout, blob.digest, blob.size):
            os.rename(blob.path, layout.blob(blob.digest))
        note_layer(connection, layer, blob.digest, blob.size, media.OCI_LAYER)
    return layer


def place_layer(
    connection: sqlite3.Connection, layout: Layout, blob: StagedBlob, media_type: str, index: LayerIndex
) -> Layer:
    """Move a layer's blob into the store (inside a write transaction), unless the layer is there in some form."""
    layer = Layer(index.diff_id, content_size(index), index.size)
    found = find_layer(connection, layout, index.diff_id)
    # One that nobody has read yet may turn out to be another layer.
    if found is None or found.content_size < 0:
        place(connection, layout, [(blob, media_type)])
        enter_layer(connection, layer, blob.digest, media_type)
    return layer
