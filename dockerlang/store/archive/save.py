"""Saving images as one archive that is an OCI layout and a docker archive at once.

Readers of either format find what they look for, and both lists name the same blobs, as they lie in the store: saving
and loading keeps every digest. The archive's bytes depend on nothing but the images and their names. Blobs come first
and the lists last, as docker writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from dockerlang.errors import NotFoundError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Index, Manifest, parse_manifest
from dockerlang.oci.platform import Platform, best_match, host_platform
from dockerlang.oci.reference import Reference, is_identifier, parse_reference
from dockerlang.oci.tar import Entry, Kind, TarWriter
from dockerlang.oci.tar.writer import Writable
from dockerlang.store.blobs import damaged, open_blob, read_blob
from dockerlang.store.documents import NamedDocument, index_over, named_document
from dockerlang.store.images import find_id, names_id, no_such_image, pins_of, read_image
from dockerlang.store.layout import Layout
from dockerlang.store.manifests import ensure_manifest, present_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.projection import CONTAINERD_NAME, REF_NAME, named
from dockerlang.store.records import StoredImage

LAYOUT_FILE = b'{"imageLayoutVersion":"1.0.0"}'
"""The content of the file `oci-layout`."""


@dataclass(slots=True)
class SavedImage:
    """What a name stands for in an archive: `descriptor` is that of the only manifest, or of an index over several."""

    descriptor: Descriptor
    images: tuple[tuple[StoredImage, Manifest], ...]
    names: list[Reference] = field(default_factory=list)
    index: Index | None = None

    @property
    def documents(self) -> tuple[Manifest | Index, ...]:
        """The manifests, and the index over them."""
        return (*(manifest for _, manifest in self.images), *([] if self.index is None else [self.index]))

    @property
    def blobs(self) -> Iterator[Descriptor]:
        """All configs and layers."""
        for _, manifest in self.images:
            yield from (manifest.config, *manifest.layers)

    @property
    def main(self) -> tuple[StoredImage, Manifest]:
        """The image for those who read one image a name: that for this machine, if it is there."""
        fitting = best_match(host_platform(), tuple(image.config.platform for image, _ in self.images))
        return self.images[fitting or 0]


def save_images(
    operation: Operation, names: Sequence[str], stream: Writable, platforms: Sequence[Platform] = ()
) -> None:
    """Write an archive of the images that `names` mean to `stream`.

    A name with a tag saves that name, a bare repository all its tags, an ID the image without a name; of images for
    several platforms only those for `platforms`, if there are any. Raises `NotFoundError` for a name that means
    nothing, or nothing for a platform, `StoreError` for an image that is damaged.
    """
    images: dict[Digest, SavedImage] = {}
    for name in names:
        for reference, identifier in _meant(operation, name):
            document = None if reference is None else named_document(operation, reference)
            key = identifier if document is None else document.document.digest
            if key not in images:
                found = _collect(operation, identifier, name) if document is None else _saved(document)
                images[key] = _for_platforms(found, platforms, name) if platforms else found
            if reference is not None and reference not in images[key].names:
                images[key].names.append(reference)
    write_archive(operation.store.layout, list(images.values()), stream)


def write_archive(layout: Layout, images: Sequence[SavedImage], stream: Writable) -> None:
    """Write an archive of images whose configs and layers are blobs of the store. Raises `StoreError`."""
    tar = TarWriter(stream)
    for directory in (b"blobs", b"blobs/sha256"):
        tar.add(Entry(directory, Kind.DIRECTORY, 0o755))
    documents = {document.digest: document.raw for image in images for document in image.documents}
    blobs = {blob.digest: blob for image in images for blob in image.blobs}
    for digest in sorted({*documents, *blobs}):
        if digest in documents:
            _add(tar, f"blobs/sha256/{digest.hex}", documents[digest])
        else:
            _add_blob(tar, layout, blobs[digest])
    _add(tar, "index.json", index_of(images).raw)
    _add(tar, "manifest.json", _compact([_table_entry(image) for image in images]))
    _add(tar, "oci-layout", LAYOUT_FILE)
    _add(tar, "repositories", _compact(_repositories(images)))
    tar.close()


def index_of(images: Sequence[SavedImage]) -> Index:
    """The `index.json` of a layout that holds images."""
    return Index.build([entry for image in images for entry in _index_entries(image)])


def _meant(operation: Operation, name: str) -> list[tuple[Reference | None, Digest]]:
    """The images that a name means, each with the reference that is to be saved with it."""
    image = operation.find(name)
    if is_identifier(name) or (image is not None and names_id(name, image.id)):
        if image is None:
            raise no_such_image(name)
        return [(None, image.id)]
    reference = parse_reference(name)
    if not reference.tag and not reference.digest:
        with operation.store.database.read() as connection:
            rows = connection.execute(
                "SELECT name, image FROM ref WHERE name GLOB ? ORDER BY name", (f"{reference.name}:*",)
            ).fetchall()
        if rows:
            return [(parse_reference(tag), Digest.parse(identifier)) for tag, identifier in rows]
    if image is None:
        raise no_such_image(name)
    return [(None if reference.digest else reference.with_default_tag(), image.id)]


def _collect(operation: Operation, identifier: Digest, name: str) -> SavedImage:
    layout = operation.store.layout
    # Another process may have removed the image since its name was looked up: look-up and pin are one transaction.
    with operation.store.database.write() as connection:
        if find_id(connection, identifier) is None:
            raise no_such_image(name)
        image = read_image(connection, layout, identifier)
        ensure_manifest(connection, layout, image, operation.ingest)
        descriptor = present_manifest(connection, layout, identifier)
        operation.pin(connection, pins_of(connection, image))
    if descriptor is None:
        raise damaged(_first_missing(operation, image))
    manifest = parse_manifest(read_blob(layout, descriptor.digest), descriptor.media_type)
    assert isinstance(manifest, Manifest)
    return SavedImage(descriptor, ((image, manifest),))


def _for_platforms(saved: SavedImage, platforms: Sequence[Platform], name: str) -> SavedImage:
    """What is for these platforms: an index over it where that is more than one image."""
    offered = tuple(image.config.platform for image, _ in saved.images)
    chosen = {platform: best_match(platform, offered) for platform in platforms}
    missing = [str(platform) for platform, position in chosen.items() if position is None]
    if missing:
        raise NotFoundError(
            f"{name}: there is no image for {', '.join(missing)}",
            hint=f"there {'is one' if len(offered) == 1 else 'are some'} for {', '.join(map(str, offered))}",
        )
    pairs = tuple(saved.images[position] for position in dict.fromkeys(chosen.values()) if position is not None)
    if saved.index is None or len(pairs) == 1:
        return SavedImage(pairs[0][1].descriptor, pairs[:1])
    index = index_over(saved.index, pairs)
    return SavedImage(index.descriptor, pairs, index=index)


def _saved(named: NamedDocument) -> SavedImage:
    return SavedImage(named.document.descriptor, named.images, index=named.index)


def _first_missing(operation: Operation, image: StoredImage) -> Digest:
    return next((diff for diff in image.diff_ids if operation.find_layer(diff) is None), image.id)


def _add_blob(tar: TarWriter, layout: Layout, descriptor: Descriptor) -> None:
    with open_blob(layout, descriptor.digest) as file:
        hasher = sha256()

        class Hashing:
            def read(self, size: int = -1, /) -> bytes:
                data = file.read(size)
                hasher.update(data)
                return data

        entry = Entry(f"blobs/sha256/{descriptor.digest.hex}".encode(), size=descriptor.size, mode=0o644)
        tar.add(entry, Hashing())
    if hasher.hexdigest() != descriptor.digest.hex:
        raise damaged(descriptor.digest)


def _add(tar: TarWriter, name: str, data: bytes) -> None:
    tar.add(Entry(name.encode(), size=len(data), mode=0o644), data)


def _index_entries(image: SavedImage) -> Iterable[Descriptor]:
    if not image.names:
        return [image.descriptor]
    noted = image.descriptor.annotations
    return [named(image.descriptor, {**noted, CONTAINERD_NAME: str(name), REF_NAME: name.tag}) for name in image.names]


def _table_entry(image: SavedImage) -> dict[str, object]:
    _, manifest = image.main
    return {
        "Config": f"blobs/sha256/{manifest.config.digest.hex}",
        "RepoTags": [name.familiar for name in image.names] or None,
        "Layers": [f"blobs/sha256/{layer.digest.hex}" for layer in manifest.layers],
    }


def _repositories(images: Sequence[SavedImage]) -> dict[str, dict[str, str]]:
    """The list that docker read before version 1.10; some tools still ask for it."""
    repositories: dict[str, dict[str, str]] = {}
    for image in images:
        main, manifest = image.main
        for name in image.names:
            top = manifest.layers[-1].digest.hex if manifest.layers else main.id.hex
            repositories.setdefault(name.familiar_name, {})[name.tag] = top
    return repositories


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
