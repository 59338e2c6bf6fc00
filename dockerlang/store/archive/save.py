"""Saving images as one archive that is an OCI layout and a docker archive at once.

Readers of either format find what they look for, and both lists name the same blobs, as they lie in the store: saving
and loading keeps every digest. The archive's bytes depend on nothing but the images and their names. Blobs come first
and the lists last, as docker writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Index, Manifest, parse_manifest
from dockerlang.oci.reference import Reference, is_identifier, parse_reference
from dockerlang.oci.tar import Entry, Kind, TarWriter
from dockerlang.oci.tar.writer import Writable
from dockerlang.store.blobs import damaged, open_blob, read_blob
from dockerlang.store.images import names_id, no_such_image, pins_of
from dockerlang.store.layout import Layout
from dockerlang.store.manifests import ensure_manifest, present_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.projection import CONTAINERD_NAME, REF_NAME, named
from dockerlang.store.records import StoredImage


@dataclass(slots=True)
class _SavedImage:
    image: StoredImage
    descriptor: Descriptor
    manifest: Manifest
    names: list[Reference] = field(default_factory=list)


def save_images(operation: Operation, names: Sequence[str], stream: Writable) -> None:
    """Write an archive of the images that `names` mean to `stream`.

    A name with a tag saves that name, a bare repository all its tags, an ID the image without a name. Raises
    `NotFoundError` for a name that means nothing, `StoreError` for an image that is damaged.
    """
    images: dict[Digest, _SavedImage] = {}
    for name in names:
        for reference, identifier in _meant(operation, name):
            if identifier not in images:
                images[identifier] = _collect(operation, identifier)
            if reference is not None and reference not in images[identifier].names:
                images[identifier].names.append(reference)
    _write(operation.store.layout, list(images.values()), stream)


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


def _collect(operation: Operation, identifier: Digest) -> _SavedImage:
    layout = operation.store.layout
    image = operation.find(identifier)
    if image is None:
        raise damaged(identifier)
    with operation.store.database.write() as connection:
        ensure_manifest(connection, layout, image, operation.ingest)
        descriptor = present_manifest(connection, layout, identifier)
        operation.pin(connection, pins_of(connection, image))
    if descriptor is None:
        raise damaged(_first_missing(operation, image))
    manifest = parse_manifest(read_blob(layout, descriptor.digest), descriptor.media_type)
    assert isinstance(manifest, Manifest)
    return _SavedImage(image, descriptor, manifest)


def _first_missing(operation: Operation, image: StoredImage) -> Digest:
    return next((diff for diff in image.diff_ids if operation.find_layer(diff) is None), image.id)


def _write(layout: Layout, images: Sequence[_SavedImage], stream: Writable) -> None:
    tar = TarWriter(stream)
    for directory in (b"blobs", b"blobs/sha256"):
        tar.add(Entry(directory, Kind.DIRECTORY, 0o755))
    blobs = {
        descriptor.digest: descriptor
        for image in images
        for descriptor in (image.descriptor, image.manifest.config, *image.manifest.layers)
    }
    for _, descriptor in sorted(blobs.items()):
        _add_blob(tar, layout, descriptor)
    _add(tar, "index.json", Index.build([entry for image in images for entry in _index_entries(image)]).raw)
    _add(tar, "manifest.json", _compact([_table_entry(image) for image in images]))
    _add(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
    _add(tar, "repositories", _compact(_repositories(images)))
    tar.close()


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


def _index_entries(image: _SavedImage) -> Iterable[Descriptor]:
    if not image.names:
        return [image.descriptor]
    return [named(image.descriptor, {CONTAINERD_NAME: str(name), REF_NAME: name.tag}) for name in image.names]


def _table_entry(image: _SavedImage) -> dict[str, object]:
    return {
        "Config": f"blobs/sha256/{image.manifest.config.digest.hex}",
        "RepoTags": [name.familiar for name in image.names] or None,
        "Layers": [f"blobs/sha256/{layer.digest.hex}" for layer in image.manifest.layers],
    }


def _repositories(images: Sequence[_SavedImage]) -> dict[str, dict[str, str]]:
    """The list that docker read before version 1.10; some tools still ask for it."""
    repositories: dict[str, dict[str, str]] = {}
    for image in images:
        for name in image.names:
            top = image.manifest.layers[-1].digest.hex if image.manifest.layers else image.image.id.hex
            repositories.setdefault(name.familiar_name, {})[name.tag] = top
    return repositories


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
