"""What a name means beside an image: an index over images of several platforms, or a manifest with annotations.

Here a name stands for one image, the one that fits this machine. Where it stands for more, the row in `ref_document`
says which document leaves the store when the name is pushed or saved. An index keeps the images that it names as long
as it has a name itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Index, Manifest, parse_manifest
from dockerlang.oci.platform import best_match, host_platform
from dockerlang.oci.reference import Reference
from dockerlang.records import record, replace
from dockerlang.store import images
from dockerlang.store.blobs import StagedBlob, place, read_blob, stage
from dockerlang.store.layout import Layout
from dockerlang.store.manifests import MADE_FOR_NAME, enter_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.projection import note_change
from dockerlang.store.records import StoredImage


@record
class NamedDocument:
    """The images that a name leads to, each with its manifest, and the index over them where there is one."""

    images: tuple[tuple[StoredImage, Manifest], ...]
    index: Index | None

    @property
    def document(self) -> Index | Manifest:
        """What the name means."""
        return self.index or self.images[0][1]


def index_over(document: Index, pairs: Sequence[tuple[StoredImage, Manifest]]) -> Index:
    """The index itself where the images are all that it names, else one over those that are there."""
    if {manifest.digest for _, manifest in pairs} == {part.digest for part in document.manifests}:
        return document
    known = {part.digest: part for part in document.manifests}
    parts = [
        known.get(manifest.digest) or replace(manifest.descriptor, platform=image.config.platform)
        for image, manifest in pairs
    ]
    return Index.build(parts, media_type=document.media_type, annotations=document.annotations)


def main_image(pairs: Sequence[tuple[StoredImage, Manifest]]) -> StoredImage:
    """The image that a name over several stands for here: the one that fits this machine, or else the first."""
    fitting = best_match(host_platform(), tuple(image.config.platform for image, _ in pairs))
    return pairs[fitting or 0][0]


def name_document(operation: Operation, reference: Reference, main: StoredImage, named: NamedDocument) -> Digest | None:
    """Give `main` a name that means a document; all that the document names is in the store and pinned.

    Returns the image that had the name before, if that was another.
    """
    return _name(operation, [reference], main, named)[reference]


def keep_document(operation: Operation, main: StoredImage, named: NamedDocument) -> None:
    """Enter the manifests of a document that gets no name, and make its images real ones."""
    _name(operation, [], main, named)


def named_document(operation: Operation, reference: Reference) -> NamedDocument | None:
    """What a name means beside its image, pinned; None where it means the image alone, or something is missing."""
    with operation.store.database.write() as connection:
        row = connection.execute(
            "SELECT digest FROM ref_document WHERE name = ?", (str(reference.resolved()),)
        ).fetchone()
        if row is None:
            return None
        found = read_document(connection, operation.store.layout, Digest.parse(row[0]))
        for image, _ in found.images:
            operation.pin(connection, images.pins_of(connection, image))
        operation.pin(connection, {"blob": (str(row[0]),)})
    return found


def read_document(connection: sqlite3.Connection, layout: Layout, digest: Digest) -> NamedDocument:
    """The document with that digest; `StoreError` where a part of it is missing."""
    document = parse_manifest(read_blob(layout, digest))
    if isinstance(document, Manifest):
        return NamedDocument(((images.read_image(connection, layout, document.config.digest), document),), None)
    pairs = []
    for descriptor in document.manifests:
        manifest = parse_manifest(read_blob(layout, descriptor.digest), descriptor.media_type)
        assert isinstance(manifest, Manifest)
        pairs.append((images.read_image(connection, layout, manifest.config.digest), manifest))
    return NamedDocument(tuple(pairs), document)


def copy_document(operation: Operation, source: Reference, target: Reference) -> None:
    """Let a name that was given to the image of another one mean the same document."""
    with operation.store.database.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO ref_document SELECT ref.name, digest FROM ref_document, ref"
            " WHERE ref.name = ? AND ref_document.name = ?",
            (str(target.resolved()), str(source.resolved())),
        )
        note_change(connection)


def _name(
    operation: Operation, references: Sequence[Reference], main: StoredImage, named: NamedDocument
) -> dict[Reference, Digest | None]:
    layout = operation.store.layout
    manifests = [(image, manifest, stage(operation.ingest, manifest.raw)) for image, manifest in named.images]
    index = None if named.index is None else stage(operation.ingest, named.index.raw)
    digest = str(named.document.digest)
    with operation.store.database.write() as connection:
        for image, manifest, blob in manifests:
            images.enter_image(connection, image, is_step=False)
            enter_manifest(connection, layout, image.id, manifest, blob, origin=MADE_FOR_NAME)
            operation.pin(connection, images.pins_of(connection, image))
        if index is not None:
            assert named.index is not None
            _enter_index(connection, layout, named.index, index)
        operation.pin(connection, {"blob": (digest,)})
        before = operation.enter_names(connection, references, main)
        connection.executemany(
            "INSERT OR REPLACE INTO ref_document VALUES (?, ?)",
            [(str(reference.resolved()), digest) for reference in references],
        )
    return before


def _enter_index(connection: sqlite3.Connection, layout: Layout, index: Index, blob: StagedBlob) -> None:
    place(connection, layout, [(blob, index.media_type)])
    connection.execute("INSERT OR IGNORE INTO document VALUES (?)", (str(blob.digest),))
    connection.executemany(
        "INSERT OR IGNORE INTO document_manifest VALUES (?, ?)",
        [(str(blob.digest), str(manifest.digest)) for manifest in index.manifests],
    )
