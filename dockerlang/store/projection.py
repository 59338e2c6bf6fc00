"""`index.json`: the store's names, written so that every OCI tool can read the store's directory as an image layout.

It is a projection of the database and never read for truth. It carries the counter that every change of names raises;
an operation that finds a lower one (a process died between its commit and the file) writes it anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Index
from dockerlang.oci.reference import parse_reference
from dockerlang.store.database import Database
from dockerlang.store.durability import write_file
from dockerlang.store.interruption import uninterrupted
from dockerlang.store.layout import Layout
from dockerlang.store.locks import hold
from dockerlang.store.manifests import present_manifest

REF_NAME = "org.opencontainers.image.ref.name"
"""The annotation by which OCI tools find an image in a layout (image specification, "Pre-Defined Annotation Keys")."""
CONTAINERD_NAME = "io.containerd.image.name"
"""The annotation by which docker and containerd know the full name."""
_COUNTER = "dockerlang.names"


def note_change(connection: sqlite3.Connection) -> None:
    """Say, inside the transaction that changes names, that `index.json` is out of date."""
    connection.execute("UPDATE counter SET value = value + 1 WHERE name = 'names'")


def refresh(layout: Layout, database: Database) -> None:
    """Write `index.json` if the names have changed since it was written. Not to be called inside a transaction."""
    with database.read() as connection:
        if is_current(connection, layout):
            return
    # Whoever gets the lock last also reads last, so an older state never overwrites a newer one.
    # What is interrupted here would be done again in the end, and wait for the lock of its own program.
    with uninterrupted(), hold(layout.locks / "index"):
        with database.read() as connection:
            counter = _counter(connection)
            manifests = _manifests(connection, layout)
        index = Index.build(manifests, annotations={_COUNTER: str(counter)})
        write_file(layout.index_json, index.raw)


def is_current(connection: sqlite3.Connection, layout: Layout) -> bool:
    """Whether `index.json` was written after the last change of names."""
    return _written_counter(layout) == _counter(connection)


def named(descriptor: Descriptor, annotations: Mapping[str, str]) -> Descriptor:
    """The descriptor with annotations, as an index gives names."""
    return Descriptor(descriptor.media_type, descriptor.digest, descriptor.size, annotations)


def _manifests(connection: sqlite3.Connection, layout: Layout) -> list[Descriptor]:
    manifests = []
    rows = connection.execute("SELECT name, image, digest FROM ref LEFT JOIN ref_document USING (name) ORDER BY name")
    for name, image, document in rows.fetchall():
        descriptor = _document(connection, document) if document else None
        descriptor = descriptor or present_manifest(connection, layout, Digest.parse(image))
        if descriptor is not None:
            annotations = {REF_NAME: parse_reference(name).familiar, CONTAINERD_NAME: name}
            manifests.append(named(descriptor, annotations))
    return manifests


def _document(connection: sqlite3.Connection, digest: str) -> Descriptor | None:
    row = connection.execute("SELECT size, media_type FROM blob WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else Descriptor(row[1], Digest.parse(digest), row[0])


def _counter(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM counter WHERE name = 'names'").fetchone()[0])


def _written_counter(layout: Layout) -> int:
    try:
        return int(json.loads(layout.index_json.read_bytes())["annotations"][_COUNTER])
    except (OSError, ValueError, KeyError, TypeError):
        return -1
