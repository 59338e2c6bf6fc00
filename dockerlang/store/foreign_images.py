"""Images that were made elsewhere, entered byte for byte: their manifests name the very blobs that came.

Everything is verified before: each blob against its digest, and a layer's plain tar against the diff ID that the config
promises; that of a large layer when the layer is first used (`store/layer_data.py`), since many are only pushed, saved
or looked at. What is entered then is one transaction for a layer, and one for the image with its names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from dockerlang.errors import InputError, StoreError
from dockerlang.oci import media
from dockerlang.oci.compression import Compression, detect, open_decompressed
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer import LayerIndex, index_layer
from dockerlang.oci.layer.indexing import survey_layer
from dockerlang.oci.manifest import Manifest
from dockerlang.oci.reference import Reference
from dockerlang.records import record
from dockerlang.store import images
from dockerlang.store.blobs import BlobWriter, StagedBlob, is_present, place, stage
from dockerlang.store.layer_data import content_size, not_the_layer, write_index
from dockerlang.store.manifests import enter_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.projection import note_change
from dockerlang.store.records import Layer, StoredImage

LAYER_TYPES = {
    Compression.NONE: media.OCI_LAYER,
    Compression.GZIP: media.OCI_LAYER_GZIP,
    Compression.ZSTD: media.OCI_LAYER_ZSTD,
}
"""The media types of layers that are kept as they came."""


READ_AT_ONCE = 8 << 20
"""The largest blob whose plain tar is read and indexed when it comes, in bytes."""


@record
class VerifiedLayer:
    """A layer's blob in ingest/, and what its plain tar holds. `is_indexed` says whether the index is whole."""

    blob: StagedBlob
    media_type: str
    index: LayerIndex
    is_indexed: bool = True


def verify_layer(blob: StagedBlob, media_type: str) -> VerifiedLayer:
    """Read a layer's blob to its end; `InputError` for a damaged one or a type that is no file system layer.

    The data of files in a large plain one, which was hashed when it came, are only indexed when it is first used.
    """
    if not media.is_layer(media_type):
        raise InputError(f"{blob.digest} is of type {media_type}, which is no file system layer")
    with blob.path.open("rb") as file:
        head = file.read(6)
        file.seek(0)
        if detect(head) is Compression.NONE:
            if blob.size > READ_AT_ONCE:
                return VerifiedLayer(blob, media_type, survey_layer(file, blob.digest), is_indexed=False)
            return VerifiedLayer(blob, media_type, index_layer(file, diff_id=blob.digest))
        with open_decompressed(file) as plain:
            return VerifiedLayer(blob, media_type, index_layer(plain))


def layer_type(blob: StagedBlob) -> str:
    """The media type that a blob's first bytes show; empty for a compression that no media type stands for."""
    with blob.path.open("rb") as file:
        return LAYER_TYPES.get(detect(file.read(6)), "")


def enter_verified_layer(connection: sqlite3.Connection, operation: Operation, layer: VerifiedLayer) -> Layer:
    """Enter a layer with this very blob, even beside another form of it (inside a write transaction), and pin both."""
    place(connection, operation.store.layout, [(layer.blob, layer.media_type)])
    record = Layer(layer.index.diff_id, content_size(layer.index), layer.index.size)
    images.enter_layer(connection, record, layer.blob.digest, layer.media_type)
    operation.pin(connection, {"layer": (str(record.diff_id),), "blob": (str(layer.blob.digest),)})
    return record


def enter_layer_blob(operation: Operation, blob: StagedBlob, media_type: str, diff_id: Digest) -> None:
    """Enter a blob, whose digest is that of its manifest, as the layer `diff_id`, and pin both.

    `InputError` for a type that is no file system layer, and for a blob that was read and is not that layer.
    """
    if not media.is_layer(media_type):
        raise InputError(f"a blob of type {media_type} is no file system layer")
    if blob.size <= READ_AT_ONCE:
        _enter_read(operation, verify_layer(blob, media_type), diff_id)
        return
    layout = operation.store.layout
    with operation.store.database.write() as connection:
        place(connection, layout, [(blob, media_type)])
        images.enter_unverified_layer(connection, diff_id, blob.digest, media_type)
        operation.pin(connection, {"layer": (str(diff_id),), "blob": (str(blob.digest),)})


def find_layer_blob(operation: Operation, blob: Descriptor, diff_id: Digest) -> Layer | None:
    """The layer, pinned, if the store holds it in the form of this very blob."""
    layout = operation.store.layout
    with operation.store.database.write() as connection:
        row = connection.execute(
            "SELECT 1 FROM variant WHERE diff_id = ? AND digest = ?", (str(diff_id), str(blob.digest))
        ).fetchone()
        if row is None or not is_present(layout, blob.digest, blob.size):
            return None
        layer = images.find_layer(connection, layout, diff_id)
        operation.pin(connection, {"layer": (str(diff_id),), "blob": (str(blob.digest),)})
        return layer


def receive_layer(operation: Operation, pieces: Iterator[bytes], media_type: str, diff_id: Digest) -> Layer:
    """Write a layer's blob as it comes, index it on the way, and enter it as the layer `diff_id`.

    `pieces` raises where the blob is not what it should be; `InputError` where it is, but is not that layer.
    """
    if not media.is_layer(media_type):
        raise InputError(f"a blob of type {media_type} is no file system layer")
    with BlobWriter(operation.ingest) as writer:
        arriving = _Arriving(pieces, writer)
        try:
            with open_decompressed(arriving) as plain:
                index = index_layer(plain)
        except InputError:
            # If the blob itself came damaged, that is what its sender must hear.
            arriving.finish()
            raise
        arriving.finish()
        blob = writer.finish()
    return _enter_read(operation, VerifiedLayer(blob, media_type, index), diff_id)


def _enter_read(operation: Operation, layer: VerifiedLayer, diff_id: Digest) -> Layer:
    """Enter a layer that was read, if it is the one that its config names."""
    if layer.index.diff_id != diff_id:
        raise not_the_layer(layer.blob.digest, diff_id, layer.index.diff_id)
    with operation.store.database.write() as connection:
        entered = enter_verified_layer(connection, operation, layer)
    write_index(operation.store.layout, layer.index)
    return entered


class _Arriving:
    """Pieces of a blob as a stream, each written to ingest/ when it is read."""

    def __init__(self, pieces: Iterator[bytes], writer: BlobWriter) -> None:
        self._pieces = pieces
        self._writer = writer
        self._rest = memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._writer.write(piece)
            self._rest = memoryview(piece)
        length = len(self._rest) if size < 0 else min(size, len(self._rest))
        data, self._rest = bytes(self._rest[:length]), self._rest[length:]
        return data

    def finish(self) -> None:
        """Take in what nobody has read."""
        for piece in self._pieces:
            self._writer.write(piece)


def find_whole_image(operation: Operation, manifest: Manifest) -> StoredImage | None:
    """The image of a manifest, pinned, if the store has both with every blob that the manifest names."""
    try:
        image = operation.find(manifest.config.digest)
    except StoreError:
        # Its config is lost.
        return None
    if image is None:
        return None
    layout = operation.store.layout
    parts = (manifest.descriptor, manifest.config, *manifest.layers)
    with operation.store.database.read() as connection:
        row = connection.execute("SELECT 1 FROM manifest WHERE digest = ?", (str(manifest.digest),)).fetchone()
    return image if row is not None and all(is_present(layout, part.digest, part.size) for part in parts) else None


def add_foreign_image(
    operation: Operation,
    manifest: Manifest,
    config: bytes,
    *,
    names: Sequence[Reference] = (),
    repo_digest: tuple[str, Digest] | None = None,
) -> StoredImage:
    """Enter an image with its manifest, whose layers are in the store and pinned; pin it and give it names.

    `repo_digest` is the repository that the image came from, and the digest that it has there.
    """
    image = StoredImage(manifest.config.digest, images.parse_config_of(config), config)
    staged_config, staged_manifest = stage(operation.ingest, config), stage(operation.ingest, manifest.raw)
    with operation.store.database.write() as connection:
        enter_whole_image(connection, operation, image, staged_config, (manifest, staged_manifest))
        operation.pin(connection, images.pins_of(connection, image))
        if repo_digest is not None:
            enter_repo_digest(connection, image.id, *repo_digest)
        if names:
            operation.enter_names(connection, names, image)
        return images.read_image(connection, operation.store.layout, image.id)


def enter_whole_image(
    connection: sqlite3.Connection,
    operation: Operation,
    image: StoredImage,
    config: StagedBlob,
    manifest: tuple[Manifest, StagedBlob] | None,
) -> None:
    """Enter an image whose layers are there, with the manifest that it came with (inside a write transaction)."""
    layout = operation.store.layout
    place(connection, layout, [(config, media.OCI_CONFIG)])
    images.enter_image(connection, image, is_step=False)
    if manifest is not None:
        enter_manifest(connection, layout, image.id, *manifest)


def enter_repo_digest(connection: sqlite3.Connection, image: Digest, repository: str, digest: Digest) -> None:
    """Note under which digest a registry knows an image. An index may mean another image than before here."""
    connection.execute(
        "INSERT INTO repo_digest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET image = excluded.image",
        (repository, str(digest), str(image)),
    )
    note_change(connection)
