"""Loading images from an archive: everything is verified in ingest/, then enters the store in one transaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dockerlang.errors import InputError
from dockerlang.oci import media
from dockerlang.oci.compression import open_decompressed
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference
from dockerlang.oci.tar import Readable
from dockerlang.records import record
from dockerlang.store import images
from dockerlang.store.archive.contents import ArchivedImage, ArchivedIndex, read_contents
from dockerlang.store.archive.members import DirectoryMembers, Members, document, spool
from dockerlang.store.blobs import CHUNK, BlobWriter, StagedBlob
from dockerlang.store.documents import NamedDocument, index_over, keep_document, main_image, name_document
from dockerlang.store.durability import sync_files
from dockerlang.store.foreign_images import (
    VerifiedLayer,
    enter_verified_layer,
    enter_whole_image,
    layer_type,
    verify_layer,
)
from dockerlang.store.layer_data import write_index
from dockerlang.store.layer_sink import place_layer
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage


@record
class LoadedImage:
    """An image that was loaded; `replaced` says which other images lost a name to it."""

    image: StoredImage
    names: tuple[Reference, ...]
    replaced: tuple[tuple[Reference, Digest], ...]


@record
class _VerifiedImage:
    archived: ArchivedImage
    image: StoredImage
    layers: tuple[VerifiedLayer, ...]

    @property
    def blobs(self) -> Iterator[StagedBlob]:
        yield self.archived.config
        yield from (layer.blob for layer in self.layers)
        if self.archived.manifest_blob is not None:
            yield self.archived.manifest_blob


def load_stream(operation: Operation, stream: Readable, platforms: Sequence[Platform] = ()) -> list[LoadedImage]:
    """Load all images of a tar stream, compressed or not; `InputError` for a damaged one, of which nothing is kept.

    Where a name stands for images of several platforms, `platforms` chooses; without any, all that are there are
    loaded, and the name stands for the index over them.
    """
    return load_members(operation, spool(stream, operation.ingest), platforms)


def load_directory(operation: Operation, directory: Path, platforms: Sequence[Platform] = ()) -> list[LoadedImage]:
    """Load all images of an OCI layout or of an unpacked archive; as `load_stream`."""
    return load_members(operation, DirectoryMembers(directory, operation.ingest), platforms)


def load_members(operation: Operation, members: Members, platforms: Sequence[Platform]) -> list[LoadedImage]:
    """Load all images of an archive whose files can be asked for; as `load_stream`."""
    contents = read_contents(members, platforms)
    parts = {image.config.digest for archived in contents.indexes for image in archived.images}
    loaded = load_archived(operation, contents.images)
    by_id = {one.image.id: one for one in loaded}
    shown = [one for one in loaded if one.names or one.image.id not in parts]
    return shown + [_name_index(operation, archived, by_id) for archived in contents.indexes]


def _name_index(operation: Operation, archived: ArchivedIndex, loaded: Mapping[Digest, LoadedImage]) -> LoadedImage:
    """Give an index, whose images have just been loaded, the names that it has in the archive."""
    pairs = tuple(
        (loaded[image.config.digest].image, image.manifest) for image in archived.images if image.manifest is not None
    )
    main, named = main_image(pairs), NamedDocument(pairs, index_over(archived.index, pairs))
    before = {name: name_document(operation, name, main, named) for name in archived.names}
    if not archived.names:
        keep_document(operation, main, named)
    return LoadedImage(
        image=main,
        names=tuple(before),
        replaced=tuple((name, image) for name, image in before.items() if image is not None),
    )


def load_archived(operation: Operation, contents: Sequence[ArchivedImage]) -> list[LoadedImage]:
    """Load images whose parts are staged in the operation's ingest/."""
    known = _read_layers(contents, operation.ingest)
    verified = [_verify(archived, known) for archived in contents]
    sync_files({blob.path for image in verified for blob in image.blobs})
    with operation.store.database.write() as connection:
        loaded = [_enter(connection, operation, image) for image in verified]
    for layer in known.values():
        if layer.is_indexed:
            write_index(operation.store.layout, layer.index)
    return loaded


def _read_layers(contents: Sequence[ArchivedImage], ingest: Path) -> dict[Digest, VerifiedLayer]:
    """The layers by the digests of their blobs; each is read once, however many images share it, several at once."""
    wanted: dict[Digest, tuple[StagedBlob, str]] = {}
    for archived in contents:
        for position, blob in enumerate(archived.layers):
            declared = "" if archived.manifest is None else archived.manifest.layers[position].media_type
            wanted.setdefault(blob.digest, (blob, declared))
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="load") as pool:
        layers = pool.map(lambda pair: _verify_layer(pair[0], pair[1], ingest), wanted.values())
        return dict(zip(wanted, layers, strict=True))


def _verify(archived: ArchivedImage, known: dict[Digest, VerifiedLayer]) -> _VerifiedImage:
    """Hold the layers against what the config says of them."""
    data = document(archived.config, "the image config")
    config = images.parse_config_of(data)
    image = StoredImage(archived.config.digest, config, data)
    if len(archived.layers) != len(config.diff_ids):
        raise InputError(
            f"image {image.id.short}: its config names {len(config.diff_ids)} layers, the archive has"
            f" {len(archived.layers)}"
        )
    layers = []
    for position, (blob, diff_id) in enumerate(zip(archived.layers, config.diff_ids, strict=True)):
        layer = known[blob.digest]
        if layer.index.diff_id != diff_id:
            raise InputError(
                f"image {image.id.short}: layer {position + 1} is damaged: it has the diff ID {layer.index.diff_id},"
                f" the config says {diff_id}"
            )
        layers.append(layer)
    return _VerifiedImage(archived, image, tuple(layers))


def _verify_layer(blob: StagedBlob, declared: str, ingest: Path) -> VerifiedLayer:
    media_type = declared or layer_type(blob)
    if not media_type:
        # No media type stands for the other compressions: such a layer is kept as plain tar.
        blob, media_type = _expand(blob, ingest), media.OCI_LAYER
    return verify_layer(blob, media_type)


def _expand(blob: StagedBlob, ingest: Path) -> StagedBlob:
    with blob.path.open("rb") as file, open_decompressed(file) as plain, BlobWriter(ingest) as writer:
        while chunk := plain.read(CHUNK):
            writer.write(chunk)
        return writer.close()


def _enter(connection: sqlite3.Connection, operation: Operation, verified: _VerifiedImage) -> LoadedImage:
    layout = operation.store.layout
    archived = verified.archived
    for layer in verified.layers:
        if archived.manifest is None:
            place_layer(connection, layout, layer.blob, layer.media_type, layer.index)
        else:
            # The manifest names this very blob, so it is kept even beside another form of the layer.
            enter_verified_layer(connection, operation, layer)
    manifest = None
    if archived.manifest is not None and archived.manifest_blob is not None:
        manifest = archived.manifest, archived.manifest_blob
    enter_whole_image(connection, operation, verified.image, archived.config, manifest)
    before = operation.enter_names(connection, archived.names, verified.image)
    return LoadedImage(
        image=verified.image,
        names=tuple(before),
        replaced=tuple((name, image) for name, image in before.items() if image is not None),
    )
