"""The images of a build's steps, entered all at once: one transaction for as many as there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cached_property

from dockerlang.oci import media
from dockerlang.oci.config import parse_config
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.records import record
from dockerlang.store import images
from dockerlang.store.blobs import damaged, is_present, place, stage_many
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage


@record(caches=True)
class StepImage:
    """An image to be entered: its config, and the image of the step before."""

    config: bytes
    parent: Digest | None

    @cached_property
    def id(self) -> Digest:
        """The image's ID."""
        return sha256_of(self.config)


def add_step_images(operation: Operation, steps: Sequence[StepImage]) -> None:
    """Enter the images of steps, hidden from plain listings, and pin them; those that are there cost a look only.

    Their layers must all be in the store. Raises `StoreError` for a missing one.
    """
    store = operation.store
    with store.database.read() as connection:
        missing = [step for step in steps if not _is_entered(connection, operation, step)]
    if not missing:
        return
    staged = [(blob, media.OCI_CONFIG) for blob in stage_many(operation.ingest, [step.config for step in missing])]
    with store.database.write() as connection:
        place(connection, store.layout, staged)
        known: set[Digest] = set()
        for step in missing:
            image = StoredImage(step.id, parse_config(step.config), step.config, step.parent)
            for diff_id in set(image.diff_ids) - known:
                if images.find_layer(connection, store.layout, diff_id) is None:
                    raise damaged(diff_id)
                known.add(diff_id)
            images.enter_image(connection, image, is_step=True)
            operation.pin(connection, images.pins_of(connection, image))


def _is_entered(connection: sqlite3.Connection, operation: Operation, step: StepImage) -> bool:
    row = connection.execute("SELECT 1 FROM image WHERE id = ?", (str(step.id),)).fetchone()
    return row is not None and is_present(operation.store.layout, step.id, len(step.config))
