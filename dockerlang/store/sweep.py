"""Removing what nothing needs any more, so that a crash at any moment loses nothing that is needed.

A sweep runs inside one write transaction: it forgets dead leases, marks what images, containers and live pins need,
deletes the other rows and renames their files into trash/. Only when the transaction is durable are they unlinked. A
crash before that leaves the rows: `restore` then renames the files back. Nothing is ever unlinked in blobs/ itself,
where another process may be about to put the same content again.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

from dockerlang.records import record
from dockerlang.store.boot import boot_id, is_lease_database, lease_database
from dockerlang.store.durability import sync_directory
from dockerlang.store.layout import Layout
from dockerlang.store.leases import is_abandoned, reap
from dockerlang.store.locks import try_acquire
from dockerlang.store.pending import BLOBS, LAYERS, TREES

# Documents are for names: without one, neither an index nor a manifest that was made for it is needed.
_FORGET_DOCUMENTS = """
DELETE FROM ref_document WHERE digest NOT IN (SELECT digest FROM document UNION SELECT digest FROM manifest);
DELETE FROM document WHERE digest NOT IN (SELECT digest FROM ref_document)
    AND digest NOT IN (SELECT key FROM pin WHERE kind = 'blob');
DELETE FROM manifest WHERE is_own = 2 AND digest NOT IN (SELECT digest FROM ref_document)
    AND digest NOT IN (SELECT manifest FROM document_manifest)
    AND digest NOT IN (SELECT key FROM pin WHERE kind = 'blob')
"""
_LIVE = """
CREATE TEMP TABLE live_layer AS
    SELECT diff_id FROM image_layer UNION SELECT diff_id FROM container_layer
    UNION SELECT key FROM pin WHERE kind = 'layer';
CREATE TEMP TABLE live_tree AS
    SELECT chain_id FROM image_layer UNION SELECT chain_id FROM container_layer
    UNION SELECT key FROM pin WHERE kind = 'tree';
CREATE TEMP TABLE live_blob AS
    SELECT id AS digest FROM image UNION SELECT digest FROM manifest UNION SELECT digest FROM manifest_blob
    UNION SELECT digest FROM variant JOIN live_layer USING (diff_id) UNION SELECT digest FROM document
    UNION SELECT key FROM pin WHERE kind = 'blob'
"""


@record
class Swept:
    """What a sweep took away: the trash directory that holds it, and the bytes of the blobs in it."""

    trash: Path
    blob_bytes: int


def sweep(connection: sqlite3.Connection, layout: Layout, lease: str, *, keeps_rows: bool = False) -> Swept:
    """Move everything unneeded into the trash of `lease` (inside a write transaction); `discard` it afterwards.

    With `keeps_rows` only files that have no row.
    """
    _remove_lost_containers(connection, layout, reap(connection, layout))
    trash = layout.trash / lease
    for name in ("blobs", "layers", "containers"):
        (trash / name).mkdir(parents=True, exist_ok=True)
    if not keeps_rows:
        _delete_rows(connection)
    blob_bytes = _move_strangers(layout.blobs, _known(connection, BLOBS), trash / "blobs")
    _move_strangers(layout.layers, _known(connection, TREES) | {"l"}, trash / "layers")
    _move_strangers(layout.containers, _known(connection, "SELECT id FROM container"), trash / "containers")
    _drop_idle_indexes(layout, _known(connection, LAYERS))
    _drop_dead_links(layout)
    _drop_idle_locks(layout)
    _drop_old_leases(layout)
    _drop_torn_writes(layout)
    return Swept(trash, blob_bytes)


def discard(layout: Layout, swept: Swept) -> None:
    """Free the space of what was swept (after the commit)."""
    # SQLite commits by unlinking its journal and leaves that to the file system; a power cut that brought the rows back
    # must not find their files gone.
    sync_directory(layout.root)
    remove_tree(swept.trash)


def restore(connection: sqlite3.Connection, layout: Layout) -> list[Path]:
    """Undo the sweeps that died before their commit (inside a write transaction).

    Returns the directories of dead operations, in all places, which the caller removes after the commit.
    """
    abandoned = []
    for parent in (layout.trash, layout.ingest, layout.work):
        for name in os.listdir(parent):
            if is_abandoned(layout, name):
                abandoned.append(parent / name)
    for directory in abandoned:
        if directory.parent == layout.trash:
            _move_back(directory / "blobs", _known(connection, "SELECT digest FROM blob"), layout.blobs)
            _move_back(directory / "layers", _known(connection, "SELECT chain_id FROM tree"), layout.layers)
            _move_back(directory / "containers", _known(connection, "SELECT id FROM container"), layout.containers)
    return abandoned


def remove_tree(directory: Path) -> None:
    """Remove a directory as far as we may.

    What belongs to other users of our user namespace stays until an operation inside the namespace comes by.
    """
    try:
        os.rmdir(directory)
        return
    except FileNotFoundError:
        return
    except OSError:
        # It is not empty, most likely; what else it may be shows below.
        import shutil

    def open_up(function: object, path: str, error: object) -> None:
        # Images hold directories that their own owner may not write to.
        with suppress(OSError):
            parent = os.path.dirname(path)
            os.chmod(parent, stat.S_IRWXU)
            if os.path.isdir(path) and not os.path.islink(path):
                os.chmod(path, stat.S_IRWXU)
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)

    shutil.rmtree(directory, onerror=open_up)
    if directory.exists():
        shutil.rmtree(directory, ignore_errors=True)


def _delete_rows(connection: sqlite3.Connection) -> None:
    """Delete the rows of what no image, container or live pin needs."""
    for statement in _FORGET_DOCUMENTS.split(";"):
        connection.execute(statement)
    for statement in _LIVE.split(";"):
        connection.execute(statement)
    connection.execute("DELETE FROM layer WHERE diff_id NOT IN (SELECT diff_id FROM live_layer)")
    connection.execute("DELETE FROM tree WHERE chain_id NOT IN (SELECT chain_id FROM live_tree)")
    connection.execute("DELETE FROM blob WHERE digest NOT IN (SELECT digest FROM live_blob)")
    for table in ("live_layer", "live_tree", "live_blob"):
        connection.execute(f"DROP TABLE {table}")


def _remove_lost_containers(connection: sqlite3.Connection, layout: Layout, dead: tuple[str, ...]) -> None:
    """Forget containers that were to vanish with their process, and whose process has."""
    connection.executemany("DELETE FROM container WHERE auto_remove AND lease = ?", [(lease,) for lease in dead])


def _known(connection: sqlite3.Connection, query: str) -> set[str]:
    """The file names that the rows of a query stand for: digests without their algorithm."""
    return {str(row[0]).removeprefix("sha256:") for row in connection.execute(query)}


def _move_strangers(source: Path, known: set[str], target: Path) -> int:
    """Rename what has no row into the trash; returns the bytes of the files."""
    size = 0
    for name in os.listdir(source):
        if name not in known:
            size += os.lstat(source / name).st_size
            os.rename(source / name, target / name)
    return size


def _move_back(source: Path, known: set[str], target: Path) -> None:
    with suppress(FileNotFoundError):
        for name in os.listdir(source):
            if name in known and not os.path.lexists(target / name):
                os.rename(source / name, target / name)


def _drop_idle_indexes(layout: Layout, known: set[str]) -> None:
    """Remove the indexes of layers that are gone: they can be made again, so a rollback need not bring them back."""
    for name in os.listdir(layout.indexes):
        if name not in known:
            # Their makers hold no lock.
            with suppress(FileNotFoundError):
                os.unlink(layout.indexes / name)


def _drop_dead_links(layout: Layout) -> None:
    links = layout.layers / "l"
    for name in os.listdir(links):
        if not os.path.exists(links / name):
            os.unlink(links / name)


def _drop_idle_locks(layout: Layout) -> None:
    for name in os.listdir(layout.locks):
        if name.startswith(("tree-", "blob-", "step-")):
            lock = try_acquire(layout.locks / name)
            if lock is not None:
                lock.release(unlink=True)


def _drop_old_leases(layout: Layout) -> None:
    """Remove the databases of leases of earlier runs of the machine."""
    current = lease_database(boot_id())
    for name in os.listdir(layout.root):
        if is_lease_database(name) and not name.startswith(current):
            os.unlink(layout.root / name)


def _drop_torn_writes(layout: Layout) -> None:
    """Remove what was to become `index.json`, and whose writer died."""
    lock = try_acquire(layout.locks / "index", create=True)
    if lock is not None:
        for name in os.listdir(layout.root):
            if name.startswith(".index.json."):
                os.unlink(layout.root / name)
        lock.release()
