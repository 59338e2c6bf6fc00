"""An image's history with the size of each layer and the images that its steps were."""

from __future__ import annotations

import sqlite3

from dockerlang.oci.digest import Digest
from dockerlang.records import record
from dockerlang.store import images
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import StoredImage, parse_time


@record
class HistoryRow:
    """One step: `image` is what it made, if that is in the store; `created` seconds since 1970; `size` in bytes."""

    image: Digest | None
    created: float | None
    created_by: str
    size: int
    comment: str


def image_history(store: StoreReader, name: str) -> list[HistoryRow]:
    """The steps that made an image, the last first; `NotFoundError` where there is no such image.

    Histories in the wild may be shorter or longer than the list of layers: sizes are given as far as they go together.
    """

    def read(connection: sqlite3.Connection) -> list[HistoryRow]:
        identifier = images.find_id(connection, name)
        if identifier is None:
            raise images.no_such_image(name)
        image = images.read_image(connection, store.layout, identifier)
        sizes = iter(_layer_sizes(connection, image))
        steps = [(step, 0 if step.empty_layer else next(sizes, 0)) for step in image.config.history]
        ancestors = _ancestors(connection, image)
        return [
            HistoryRow(
                image=ancestors[position] if position < len(ancestors) else None,
                created=parse_time(step.created),
                created_by=step.created_by,
                size=size,
                comment=step.comment,
            )
            for position, (step, size) in enumerate(reversed(steps))
        ]

    store.measure()
    return store.view(read)


def _layer_sizes(connection: sqlite3.Connection, image: StoredImage) -> list[int]:
    rows = connection.execute(
        "SELECT max(content_size, 0) FROM image_layer JOIN layer USING (diff_id) WHERE image = ? ORDER BY position",
        (str(image.id),),
    )
    return [row[0] for row in rows]


def _ancestors(connection: sqlite3.Connection, image: StoredImage) -> list[Digest]:
    """The image and what it was built on, step by step, as far as that is in the store."""
    found = [image.id]
    parent = None if image.parent is None else str(image.parent)
    while parent is not None and len(found) < len(image.config.history):
        row = connection.execute("SELECT parent FROM image WHERE id = ?", (parent,)).fetchone()
        if row is None:
            break
        found.append(Digest.parse(parent))
        parent = row[0]
    return found
