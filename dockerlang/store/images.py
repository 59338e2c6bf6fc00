"""Images in the database: found by name, read with their config, listed, entered.

Every function works inside a transaction that its caller holds, so that what is looked up and what is done about it
(a pin, a removal) belong together.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from dockerlang.errors import ConflictError, InputError, NotFoundError
from dockerlang.oci.config import ImageConfig, parse_config
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import Reference, parse_reference
from dockerlang.store.blobs import damaged, is_present, read_blob
from dockerlang.store.layout import Layout
from dockerlang.store.records import ImageRow, Layer, Pins, StoredImage, parse_time

PARTS_OF_NAMES = (
    "SELECT name, image FROM ref_document JOIN document_manifest ON document = ref_document.digest"
    " JOIN manifest ON manifest.digest = document_manifest.manifest"
)
"""A query for the images of indexes that have a name, each with that name."""
UNKNOWN = -1
"""The sizes of a layer that came compressed and was not read yet."""
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{1,64})")


def find_id(connection: sqlite3.Connection, name: str | Digest | Reference) -> Digest | None:
    """The ID of the image that `name` means, in docker's order: a reference, the full ID, the start of one ID.

    A tag is `latest` where none is given. Raises `ConflictError` where several IDs start so.
    """
    if isinstance(name, Digest):
        return _first(connection, "SELECT id FROM image WHERE id = ?", str(name))
    if isinstance(name, Reference):
        return _by_reference(connection, name)
    return _by_text(connection, name)


def names_id(name: str, image: Digest) -> bool:
    """Whether the text `name`, which found `image`, was its ID or the start of it rather than a reference."""
    match = _ID.fullmatch(name)
    return match is not None and image.hex.startswith(match.group(1))


def no_such_image(name: str) -> NotFoundError:
    """The error for a name that means nothing here, in docker's words."""
    with suppress(InputError):  # An ID is shown as it was written.
        name = parse_reference(name).with_default_tag().familiar
    return NotFoundError(f"No such image: {name}", hint="`dockerlang images` lists what is there")


def read_image(connection: sqlite3.Connection, layout: Layout, identifier: Digest) -> StoredImage:
    """The image with that ID, its config verified; `StoreError` where the config is damaged."""
    row = connection.execute("SELECT parent FROM image WHERE id = ?", (str(identifier),)).fetchone()
    if row is None:
        raise damaged(identifier)
    data = read_blob(layout, identifier)
    return StoredImage(identifier, parse_config(data), data, None if row[0] is None else Digest.parse(row[0]))


def list_images(connection: sqlite3.Connection, identifiers: Iterable[Digest] | None = None) -> list[ImageRow]:
    """All images, or those given, the newest first."""
    names = _grouped(connection, "SELECT image, name FROM ref ORDER BY name")
    digests = _grouped(connection, "SELECT image, repository || '@' || digest FROM repo_digest ORDER BY 2")
    sizes = dict(
        connection.execute(
            "SELECT image, sum(max(content_size, 0)) FROM image_layer JOIN layer USING (diff_id) GROUP BY image"
        )
    )
    parents = {row[0] for row in connection.execute("SELECT DISTINCT parent FROM image")}
    parts = {row[1] for row in connection.execute(PARTS_OF_NAMES)}
    wanted = None if identifiers is None else {str(identifier) for identifier in identifiers}
    rows = [
        ImageRow(
            id=Digest.parse(identifier),
            parent=None if parent is None else Digest.parse(parent),
            created=created,
            size=sizes.get(identifier, 0),
            is_step=bool(is_step),
            has_children=identifier in parents,
            is_part=identifier in parts,
            names=tuple(names.get(identifier, ())),
            digests=tuple(_split_digest(text) for text in digests.get(identifier, ())),
        )
        for identifier, parent, created, is_step in connection.execute("SELECT id, parent, created, is_step FROM image")
        if wanted is None or identifier in wanted
    ]
    # Images of equal age come by name, so that two listings of one store are alike.
    return sorted(rows, key=lambda row: (-(row.created or 0), row.names or ("~",), row.id))


def enter_image(connection: sqlite3.Connection, image: StoredImage, *, is_step: bool) -> None:
    """Enter an image whose config blob and layers are in the database; doing it again only ever clears `is_step`."""
    connection.execute(
        "INSERT INTO image VALUES (?, ?, ?, ?, NULL, ?) ON CONFLICT DO UPDATE SET"
        " parent = coalesce(parent, excluded.parent), is_step = min(is_step, excluded.is_step)",
        (
            str(image.id),
            None if image.parent is None else str(image.parent),
            parse_time(image.config.created),
            time.time(),
            is_step,
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO image_layer VALUES (?, ?, ?, ?)",
        [
            (str(image.id), position, str(diff_id), str(chain_id))
            for position, (diff_id, chain_id) in enumerate(zip(image.diff_ids, image.chain_ids, strict=True))
        ],
    )


def is_entered(connection: sqlite3.Connection, layout: Layout, image: StoredImage, *, is_step: bool) -> bool:
    """Whether to enter the image would change nothing."""
    row = connection.execute("SELECT parent, is_step FROM image WHERE id = ?", (str(image.id),)).fetchone()
    return (
        row is not None
        and (image.parent is None or row[0] is not None)
        and (is_step or not row[1])
        and is_present(layout, image.id, len(image.config_bytes))
    )


def pins_of(connection: sqlite3.Connection, image: StoredImage) -> Pins:
    """All that an image needs to stay whole: its config, its manifests with what they name, its layers and trees."""
    manifests = [row[0] for row in connection.execute("SELECT digest FROM manifest WHERE image = ?", (str(image.id),))]
    named = [
        row[0]
        for row in connection.execute(
            "SELECT part.digest FROM manifest_blob part JOIN manifest ON manifest.digest = manifest WHERE image = ?",
            (str(image.id),),
        )
    ]
    return {
        "blob": tuple({str(image.id), *manifests, *named}),
        "layer": tuple({str(diff_id) for diff_id in image.diff_ids}),
        "tree": tuple({str(chain_id) for chain_id in image.chain_ids}),
    }


def enter_layer(connection: sqlite3.Connection, layer: Layer, blob: Digest, media_type: str) -> None:
    """Enter a layer and the blob that holds it, which must be in the database; its plain tar has been verified."""
    enter_sizes(connection, layer)
    names = str(layer.diff_id), str(blob)
    connection.execute("INSERT OR IGNORE INTO variant VALUES (?, ?, ?)", (*names, media_type))
    connection.execute("DELETE FROM unverified WHERE diff_id = ? AND digest = ?", names)


def enter_unverified_layer(connection: sqlite3.Connection, diff_id: Digest, blob: Digest, media_type: str) -> None:
    """Enter a blob that is said to hold a layer, and whose plain tar is to be verified when it is first used."""
    names = str(diff_id), str(blob)
    connection.execute("INSERT OR IGNORE INTO layer VALUES (?, ?, ?)", (str(diff_id), UNKNOWN, UNKNOWN))
    known = connection.execute("SELECT 1 FROM variant WHERE diff_id = ? AND digest = ?", names).fetchone()
    if known is None:
        connection.execute("INSERT INTO variant VALUES (?, ?, ?)", (*names, media_type))
        connection.execute("INSERT INTO unverified VALUES (?, ?)", names)


def enter_sizes(connection: sqlite3.Connection, layer: Layer) -> None:
    """Enter a layer whose plain tar has been read, or its sizes where they were not known."""
    connection.execute(
        "INSERT INTO layer VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
        " content_size = excluded.content_size, tar_size = excluded.tar_size WHERE content_size < 0",
        (str(layer.diff_id), layer.content_size, layer.tar_size),
    )


def find_layer(connection: sqlite3.Connection, layout: Layout, diff_id: Digest) -> Layer | None:
    """The layer, if at least one of its blobs is there in full."""
    row = connection.execute(
        "SELECT content_size, tar_size FROM layer WHERE diff_id = ?1"
        " UNION SELECT content_size, tar_size FROM pending_layer WHERE diff_id = ?1 ORDER BY content_size DESC",
        (str(diff_id),),
    ).fetchone()
    if row is None or not variants(connection, layout, diff_id):
        return None
    return Layer(diff_id, *row)


def variants(connection: sqlite3.Connection, layout: Layout, diff_id: Digest) -> list[tuple[Digest, int, str]]:
    """The blobs that hold a layer and are there in full, as digest, size and media type.

    Those that were never verified come last, plain tar first among the others.
    """
    rows = connection.execute(
        "SELECT digest, size, media_type FROM ("
        " SELECT digest, size, variant.media_type,"
        " (diff_id, digest) IN (SELECT diff_id, digest FROM unverified) AS doubt"
        " FROM variant JOIN blob USING (digest) WHERE diff_id = ?1"
        " UNION SELECT digest, size, media_type, 0 FROM pending_layer WHERE diff_id = ?1"
        ") ORDER BY doubt, digest != ?1, digest",
        (str(diff_id),),
    )
    found = [(Digest.parse(digest), int(size), str(media_type)) for digest, size, media_type in rows]
    return [variant for variant in found if is_present(layout, variant[0], variant[1])]


def parse_config_of(data: bytes) -> ImageConfig:
    """The config in `data`; `InputError` where its layers have digests that a store cannot hold."""
    config = parse_config(data)
    for diff_id in config.diff_ids:
        if diff_id.algorithm != "sha256":
            raise InputError(f"image config: {diff_id} is not a sha256 digest")
    return config


def _by_reference(connection: sqlite3.Connection, reference: Reference) -> Digest | None:
    if reference.digest is not None:
        return _first(
            connection,
            "SELECT image FROM repo_digest WHERE repository = ? AND digest = ?",
            reference.name,
            str(reference.digest),
        )
    return _first(connection, "SELECT image FROM ref WHERE name = ?", str(reference.resolved()))


def _by_text(connection: sqlite3.Connection, text: str) -> Digest | None:
    match = _ID.fullmatch(text)
    try:
        found = _by_reference(connection, parse_reference(text))
    except InputError:
        found = None
    if found is not None or match is None:
        return found
    start = f"sha256:{match.group(1)}"
    rows = connection.execute("SELECT id FROM image WHERE id >= ? AND id < ? LIMIT 2", (start, f"{start}~")).fetchall()
    if len(rows) > 1:
        raise ConflictError(f"{text} is the start of more than one image ID", hint="write more of its digits")
    return Digest.parse(rows[0][0]) if rows else None


def _first(connection: sqlite3.Connection, query: str, *parameters: str) -> Digest | None:
    row: Sequence[str] | None = connection.execute(query, parameters).fetchone()
    return None if row is None else Digest.parse(row[0])


def _grouped(connection: sqlite3.Connection, query: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, value in connection.execute(query):
        groups.setdefault(key, []).append(value)
    return groups


def _split_digest(text: str) -> tuple[str, Digest]:
    repository, _, digest = text.rpartition("@")
    return repository, Digest.parse(digest)
