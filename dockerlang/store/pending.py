"""Layers and trees that are in their places and not in `store.db` yet: to sync the disk at every step takes longer than
most steps.

They are noted in the database of this run of the machine (`store/database.py`), which is never synced. Whoever next
writes to `store.db` syncs their files first and enters them, in whatever process they were made; so a build that was
killed loses nothing, and what a power cut leaves of them has no row anywhere.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from dockerlang.oci.digest import Digest
from dockerlang.store.durability import sync_directory, sync_file, sync_filesystem
from dockerlang.store.records import Layer

_FEW = 8
"""So many blobs are synced one by one; more, and trees, with all else that is on their file system."""

BLOBS = "SELECT digest FROM blob UNION SELECT digest FROM pending_layer"
LAYERS = "SELECT diff_id FROM layer UNION SELECT diff_id FROM pending_layer"
TREES = "SELECT chain_id FROM tree UNION SELECT chain_id FROM pending_tree"
"""Queries for all that has a row, entered or not."""


class Pending(NamedTuple):
    """Rows to be entered: diff ID, sizes, blob, its size and media type; and chain ID with diff ID."""

    layers: list[tuple[str, int, int, str, int, str]]
    trees: list[tuple[str, str]]


def note_layer(connection: sqlite3.Connection, layer: Layer, blob: Digest, size: int, media_type: str) -> None:
    """Note a layer whose blob was moved to its place."""
    connection.execute(
        "INSERT OR REPLACE INTO pending_layer VALUES (?, ?, ?, ?, ?, ?)",
        (str(layer.diff_id), layer.content_size, layer.tar_size, str(blob), size, media_type),
    )


def note_tree(connection: sqlite3.Connection, chain_id: Digest, diff_id: Digest) -> None:
    """Note a tree that was moved to its place."""
    connection.execute("INSERT OR REPLACE INTO pending_tree VALUES (?, ?)", (str(chain_id), str(diff_id)))


def read_pending(connection: sqlite3.Connection) -> Pending | None:
    """What is to be entered now; None for nothing."""
    layers = connection.execute("SELECT * FROM pending_layer").fetchall()
    trees = connection.execute("SELECT * FROM pending_tree").fetchall()
    return Pending(layers, trees) if layers or trees else None


def sync_pending(pending: Pending, root: Path) -> None:
    """Bring the files to the disk, outside of any transaction."""
    if pending.trees or len(pending.layers) > _FEW:
        sync_filesystem(root)
        return
    directory = root / "blobs" / "sha256"
    for row in pending.layers:
        try:
            descriptor = os.open(directory / row[3].removeprefix("sha256:"), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # Another process has entered it, and a sweep has removed it.
        try:
            sync_file(descriptor)
        finally:
            os.close(descriptor)
    sync_directory(directory)


def enter_pending(connection: sqlite3.Connection, pending: Pending) -> None:
    """Enter what was synced, inside a write transaction; what another process has entered meanwhile is passed over."""
    for row in pending.layers:
        diff_id, content_size, tar_size, digest, size, media_type = row
        if not _take(connection, "DELETE FROM pending_layer WHERE diff_id = ?", diff_id):
            continue
        connection.execute(
            "INSERT INTO blob VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size",
            (digest, size, media_type),
        )
        connection.execute(
            "INSERT INTO layer VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " content_size = excluded.content_size, tar_size = excluded.tar_size WHERE content_size < 0",
            (diff_id, content_size, tar_size),
        )
        connection.execute("INSERT OR IGNORE INTO variant VALUES (?, ?, ?)", (diff_id, digest, media_type))
        connection.execute("DELETE FROM unverified WHERE diff_id = ? AND digest = ?", (diff_id, digest))
    for chain_id, diff_id in pending.trees:
        if _take(connection, "DELETE FROM pending_tree WHERE chain_id = ?", chain_id):
            connection.execute("INSERT OR REPLACE INTO tree VALUES (?, ?)", (chain_id, diff_id))


def _take(connection: sqlite3.Connection, statement: str, key: str) -> bool:
    return connection.execute(statement, (key,)).rowcount > 0
