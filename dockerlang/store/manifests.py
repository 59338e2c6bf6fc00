"""The manifests of stored images: those that came with them, and those made here for other tools to read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Manifest
from dockerlang.oci.reference import Reference
from dockerlang.store.blobs import StagedBlob, is_present, place, stage
from dockerlang.store.images import find_id, is_entered, variants
from dockerlang.store.layout import Layout
from dockerlang.store.records import StoredImage

CAME_WITH_IMAGE, MADE_HERE, MADE_FOR_NAME = range(3)
"""Where a manifest is from: it came with its image, was made here, or was made for what one name means."""


def present_manifest(connection: sqlite3.Connection, layout: Layout, image: Digest) -> Descriptor | None:
    """The image's manifest whose blobs are all there: one that came with the image before one made here."""
    rows = connection.execute(
        "SELECT digest, size, media_type FROM manifest JOIN blob USING (digest) WHERE image = ?"
        " AND is_own < 2 ORDER BY is_own, digest",
        (str(image),),
    ).fetchall()
    for digest, size, media_type in rows:
        parts = connection.execute(
            "SELECT digest, size FROM manifest_blob JOIN blob USING (digest) WHERE manifest = ?", (digest,)
        ).fetchall()
        if all(is_present(layout, Digest.parse(part), length) for part, length in [*parts, (digest, size)]):
            return Descriptor(media_type, Digest.parse(digest), size)
    return None


def has_name(connection: sqlite3.Connection, layout: Layout, image: StoredImage, reference: Reference) -> bool:
    """Whether to give the image that name would change nothing."""
    name = str(reference.resolved())
    return (
        find_id(connection, reference) == image.id
        and connection.execute("SELECT 1 FROM ref_document WHERE name = ?", (name,)).fetchone() is None
        and is_entered(connection, layout, image, is_step=False)
        and present_manifest(connection, layout, image.id) is not None
    )


def enter_manifest(
    connection: sqlite3.Connection,
    layout: Layout,
    image: Digest,
    manifest: Manifest,
    blob: StagedBlob,
    *,
    origin: int = CAME_WITH_IMAGE,
) -> None:
    """Enter a manifest of an image; the blobs that it names must be in the store."""
    place(connection, layout, [(blob, manifest.media_type)])
    connection.execute(
        "INSERT INTO manifest VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET is_own = excluded.is_own WHERE manifest.is_own = 2",
        (str(blob.digest), str(image), origin),
    )
    parts = {str(descriptor.digest) for descriptor in (manifest.config, *manifest.layers)}
    connection.executemany(
        "INSERT OR IGNORE INTO manifest_blob VALUES (?, ?)", [(str(blob.digest), part) for part in parts]
    )


def ensure_manifest(connection: sqlite3.Connection, layout: Layout, image: StoredImage, ingest: Path) -> None:
    """Make an OCI manifest for an image that has none, of its layers as they lie in the store, plain or compressed."""
    if present_manifest(connection, layout, image.id) is not None:
        return
    layers = []
    for diff_id in image.diff_ids:
        found = variants(connection, layout, diff_id)
        if not found:
            return  # A damaged image keeps its name, but other tools cannot be shown it.
        digest, size, media_type = found[0]
        layers.append(Descriptor(media.TO_OCI.get(media_type, media_type), digest, size))
    config = Descriptor(media.OCI_CONFIG, image.id, len(image.config_bytes))
    manifest = Manifest.build(config, layers)
    enter_manifest(connection, layout, image.id, manifest, stage(ingest, manifest.raw), origin=MADE_HERE)
