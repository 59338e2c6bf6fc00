"""Checking a store against its own rules, and repairing what can be.

A sound store: every row's file is there in full, every file has a row, every image has its config and all layers, and
`index.json` says what the database says. Repair removes what is lost and what is left over; content that is lost comes
back by loading, pulling or building again, since damaged content counts as absent.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import file_digest

from dockerlang.errors import InputError, StoreError
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.records import record
from dockerlang.store import images
from dockerlang.store.blobs import is_present
from dockerlang.store.layout import Layout
from dockerlang.store.leases import is_abandoned
from dockerlang.store.manifests import ensure_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.pending import BLOBS, TREES
from dockerlang.store.projection import is_current, note_change
from dockerlang.store.reading import StoreReader
from dockerlang.store.sweep import discard, sweep


@record
class Problem:
    """Something that is not as it should be: what (`blob sha256:...`), and what is wrong with it."""

    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


@record
class Report:
    """The outcome of a check: how much was looked at, and what was found."""

    images: int
    layers: int
    blobs: int
    problems: tuple[Problem, ...]


@record
class LostImage:
    """An image of which something is missing, and the names by digest that registries have for it."""

    id: Digest
    platform: Platform | None
    sources: tuple[str, ...]


DATABASE = "store.db"
"""The subject of problems for which the database has to be replaced (`store/rescue.py`)."""
_TABLES = frozenset({"blob", "layer", "image", "image_layer", "manifest", "ref", "container"})


def check_store(store: StoreReader, *, full: bool = False) -> Report:
    """Look at everything once; `full` also reads every blob and compares its digest."""
    broken = _damage(store)
    if broken:
        return Report(0, 0, 0, tuple(Problem(DATABASE, line) for line in broken))
    # The write lock keeps others from moving files meanwhile; hashing, which takes long, comes after it.
    with store.database.write() as connection:
        problems = [problem for check in _CHECKS for problem in check(connection, store.layout)]
        counts = [_count(connection, table) for table in ("image", "layer", "blob")]
        digests = [Digest.parse(row[0]) for row in connection.execute("SELECT digest FROM blob").fetchall()]
    if full:
        problems += _corrupt(store.layout, digests)
    return Report(counts[0], counts[1], counts[2], tuple(problems))


def repair_store(operation: Operation, *, full: bool = False) -> list[str]:
    """Put right what `check_store` finds, by removing what is damaged or left over; returns what was done, in lines.

    Images that a container uses are kept.
    """
    store = operation.store
    done: list[str] = []
    with store.database.read() as connection:
        digests = [Digest.parse(row[0]) for row in connection.execute("SELECT digest FROM blob").fetchall()]
    corrupt = {digest for digest in digests if not _is_sound(store.layout, digest)} if full else set()
    with store.database.write() as connection:
        _take_away(operation, corrupt)
        for incomplete in _incomplete(connection, store.layout):
            done.append(_remove_image(connection, incomplete))
        for (chain_id,) in connection.execute("SELECT chain_id FROM tree").fetchall():
            if not (store.layout.tree(Digest.parse(chain_id)) / "fs").is_dir():
                connection.execute("DELETE FROM tree WHERE chain_id = ?", (chain_id,))
                done.append(f"forgot the lost tree {chain_id}")
        for digest in _lost_blobs(connection, store.layout):
            connection.execute(
                "DELETE FROM manifest WHERE digest = ?1 OR digest IN"
                " (SELECT manifest FROM manifest_blob WHERE digest = ?1)",
                (str(digest),),
            )
            connection.execute("DELETE FROM variant WHERE digest = ?", (str(digest),))
            connection.execute("DELETE FROM document WHERE digest = ?", (str(digest),))
            done.append(f"forgot the lost blob {digest}")
        for (identifier,) in connection.execute("SELECT DISTINCT image FROM ref").fetchall():
            image = images.read_image(connection, store.layout, Digest.parse(identifier))
            ensure_manifest(connection, store.layout, image, operation.ingest)
        note_change(connection)
        swept = sweep(connection, store.layout, operation.lease.id)
    discard(store.layout, swept)
    return done


def lost_images(operation: Operation, *, full: bool = False) -> list[LostImage]:
    """The images that are not complete; with `full` damaged blobs are taken away first, so that they can come again."""
    store = operation.store
    with store.database.read() as connection:
        digests = [Digest.parse(row[0]) for row in connection.execute("SELECT digest FROM blob").fetchall()]
    corrupt = [digest for digest in digests if full and not _is_sound(store.layout, digest)]
    with store.database.write() as connection:
        _take_away(operation, corrupt)
        return [_lost_image(connection, store.layout, image) for image in _incomplete(connection, store.layout)]


def _take_away(operation: Operation, corrupt: Iterable[Digest]) -> None:
    """Move damaged blobs out of the way, so that their absence shows and the same content can come again."""
    for digest in corrupt:
        with suppress(FileNotFoundError):
            os.rename(operation.store.layout.blob(digest), operation.ingest / digest.hex)


def _lost_image(connection: sqlite3.Connection, layout: Layout, image: Digest) -> LostImage:
    rows = connection.execute(
        "SELECT repository || '@' || digest FROM repo_digest WHERE image = ? ORDER BY 1", (str(image),)
    ).fetchall()
    platform = None
    with suppress(StoreError, InputError):
        platform = images.read_image(connection, layout, image).config.platform
    return LostImage(image, platform, tuple(row[0] for row in rows))


def _damage(store: StoreReader) -> list[str]:
    """What is wrong with the database itself."""
    try:
        found = store.database.integrity_errors()
        if found:
            return found
        with store.database.read() as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except StoreError as error:
        # One that is locked, or may not be read, is not damaged.
        cause = error.__cause__
        if not isinstance(cause, sqlite3.DatabaseError) or isinstance(cause, sqlite3.OperationalError):
            raise
        return [str(cause)]
    return [f"the table {name} is missing" for name in sorted(_TABLES - tables)]


def _files(connection: sqlite3.Connection, layout: Layout) -> Iterator[Problem]:
    for digest in _lost_blobs(connection, layout):
        state = "is cut short" if layout.blob(digest).exists() else "is missing"
        yield Problem(f"blob {digest}", state)
    known = {row[0].removeprefix("sha256:") for row in connection.execute(BLOBS)}
    for name in sorted(set(os.listdir(layout.blobs)) - known):
        yield Problem(f"blobs/sha256/{name}", "belongs to nothing")


def _images(connection: sqlite3.Connection, layout: Layout) -> Iterator[Problem]:
    for image in _incomplete(connection, layout):
        names = [row[0] for row in connection.execute("SELECT name FROM ref WHERE image = ?", (str(image),))]
        yield Problem(f"image {image}", "is not complete" + (f"; it is named {', '.join(names)}" if names else ""))


def _trees(connection: sqlite3.Connection, layout: Layout) -> Iterator[Problem]:
    known = {row[0].removeprefix("sha256:") for row in connection.execute(TREES)}
    for name in sorted(known):
        if not (layout.layers / name / "fs").is_dir():
            yield Problem(f"tree sha256:{name}", "is missing")
    for name in sorted(set(os.listdir(layout.layers)) - known - {"l"}):
        yield Problem(f"layers/{name}", "belongs to nothing")


def _leftovers(connection: sqlite3.Connection, layout: Layout) -> Iterator[Problem]:
    for parent in (layout.ingest, layout.work, layout.trash):
        for name in sorted(os.listdir(parent)):
            if is_abandoned(layout, name):
                yield Problem(f"{parent.name}/{name}", "was left by an operation that died")
    known = {row[0] for row in connection.execute("SELECT id FROM container")}
    for name in sorted(set(os.listdir(layout.containers)) - known):
        yield Problem(f"containers/{name}", "belongs to nothing")


def _names(connection: sqlite3.Connection, layout: Layout) -> Iterator[Problem]:
    if not is_current(connection, layout):
        yield Problem("index.json", "does not say what the database says")


_CHECKS: tuple[Callable[[sqlite3.Connection, Layout], Iterator[Problem]], ...] = (
    _files,
    _images,
    _trees,
    _leftovers,
    _names,
)


def _corrupt(layout: Layout, digests: list[Digest]) -> Iterator[Problem]:
    for digest in digests:
        if not _is_sound(layout, digest):
            yield Problem(f"blob {digest}", "its content has another digest")


def _is_sound(layout: Layout, digest: Digest) -> bool:
    """Whether the blob has its digest; one that has gone meanwhile is no case for this."""
    try:
        with open(layout.blob(digest), "rb") as file:
            return file_digest(file, "sha256").hexdigest() == digest.hex
    except FileNotFoundError:
        return True


def _lost_blobs(connection: sqlite3.Connection, layout: Layout) -> list[Digest]:
    rows = connection.execute("SELECT digest, size FROM blob ORDER BY digest").fetchall()
    blobs = [(Digest.parse(digest), int(size)) for digest, size in rows]
    return [digest for digest, size in blobs if not is_present(layout, digest, size)]


def _incomplete(connection: sqlite3.Connection, layout: Layout) -> list[Digest]:
    """The images that lack their config or a layer."""
    lost = {str(digest) for digest in _lost_blobs(connection, layout)}
    layers = [row[0] for row in connection.execute("SELECT diff_id FROM layer").fetchall()]
    lost_layers = {layer for layer in layers if not images.variants(connection, layout, Digest.parse(layer))}
    found = []
    for (image,) in connection.execute("SELECT id FROM image ORDER BY id").fetchall():
        needed = {row[0] for row in connection.execute("SELECT diff_id FROM image_layer WHERE image = ?", (image,))}
        if image in lost or needed & lost_layers:
            found.append(Digest.parse(image))
    return found


def _remove_image(connection: sqlite3.Connection, image: Digest) -> str:
    identifier = str(image)
    if connection.execute("SELECT 1 FROM container WHERE image = ?", (identifier,)).fetchone():
        return f"kept the incomplete image {identifier}, which a container uses"
    connection.execute("DELETE FROM ref WHERE image = ?", (identifier,))
    connection.execute("DELETE FROM repo_digest WHERE image = ?", (identifier,))
    connection.execute("DELETE FROM image WHERE id = ?", (identifier,))
    return f"removed the incomplete image {identifier}"


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
