"""Content on its way into `blobs/`, and out of it.

The order that makes a crash harmless: write to ingest/ and sync the file; then, in one write transaction, rename it
into place, sync the directory and enter the row. A sweep removes blobs only inside a write transaction too, so between
the rename and the row nobody can take a blob for garbage. (Layers that are made here are renamed and noted first, and
synced before they are entered: `store/pending.py`.) A blob that is missing or has the wrong size counts as
absent, so that adding it again repairs it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from dockerlang.errors import StoreError
from dockerlang.oci.digest import Digest
from dockerlang.records import record
from dockerlang.store.durability import start_writing, sync_directory, sync_file, sync_filesystem
from dockerlang.store.layout import Layout

CHUNK = 1 << 20
_FEW = 4
_PORTION = 16 << 20
"""How much is gathered before the disk is told to begin with it, so that the sync at the end has little left to do."""


@record
class StagedBlob:
    """A finished file in ingest/: hashed, not in the store yet."""

    path: Path
    digest: Digest
    size: int


class BlobWriter:
    """A sink in ingest/ that hashes what it writes; `finish` it, or leave the `with` block to drop it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / uuid4().hex
        self._hash = sha256()
        self._size = self._begun = 0
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=CHUNK)

    def __enter__(self) -> BlobWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._file.closed:
            self.drop()

    def write(self, data: bytes | memoryview) -> int:
        """Append `data`; returns its length."""
        self._hash.update(data)
        self._size += len(data)
        if self._size - self._begun >= _PORTION:
            start_writing(self._file.fileno(), self._begun, self._size - self._begun)
            self._begun = self._size
        return self._file.write(data)

    def digest(self) -> Digest:
        """The digest of what was written so far."""
        return Digest("sha256", self._hash.hexdigest())

    def finish(self) -> StagedBlob:
        """Bring the content to the disk."""
        self._file.flush()
        sync_file(self._file.fileno())
        return self.close()

    def close(self) -> StagedBlob:
        """End the file without a sync: for one of many, whose file system is synced before they are placed."""
        self._file.flush()
        os.fchmod(self._file.fileno(), 0o444)
        self._file.close()
        return StagedBlob(self.path, self.digest(), self._size)

    def drop(self) -> None:
        """Remove the file again."""
        with suppress(OSError):
            self._file.close()
        with suppress(FileNotFoundError):
            os.unlink(self.path)


def stage(directory: Path, data: bytes) -> StagedBlob:
    """Write small content to ingest/."""
    with BlobWriter(directory) as writer:
        writer.write(data)
        return writer.finish()


def stage_many(directory: Path, contents: Iterable[bytes]) -> list[StagedBlob]:
    """Write much small content to ingest/, with one sync for all of it."""
    staged = []
    for data in contents:
        with BlobWriter(directory) as writer:
            writer.write(data)
            staged.append(writer.close())
    if len(staged) > _FEW:
        sync_filesystem(directory)
        return staged
    for blob in staged:
        with open(blob.path, "rb") as file:
            sync_file(file.fileno())
    return staged


def place(connection: sqlite3.Connection, layout: Layout, blobs: Iterable[tuple[StagedBlob, str]]) -> None:
    """Move staged blobs, each with its media type, into the store (inside a write transaction).

    A blob that is there already is dropped from ingest/; a damaged one is replaced.
    """
    moved = False
    for blob, media_type in blobs:
        if is_present(layout, blob.digest, blob.size):
            with suppress(FileNotFoundError):
                os.unlink(blob.path)
        else:
            os.rename(blob.path, layout.blob(blob.digest))
            moved = True
        connection.execute(
            "INSERT INTO blob VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size",
            (str(blob.digest), blob.size, media_type),
        )
    if moved:
        sync_directory(layout.blobs)


def is_present(layout: Layout, digest: Digest, size: int) -> bool:
    """Whether the blob is there in full length."""
    try:
        return os.lstat(layout.blob(digest)).st_size == size
    except FileNotFoundError:
        return False


def open_blob(layout: Layout, digest: Digest) -> BinaryIO:
    """The blob's file; `StoreError` where it is missing."""
    try:
        return open(layout.blob(digest), "rb")
    except FileNotFoundError:
        raise damaged(digest) from None


def read_blob(layout: Layout, digest: Digest) -> bytes:
    """The content of a small blob (a config, a manifest), verified; `StoreError` where it is missing or damaged."""
    with open_blob(layout, digest) as file:
        data = file.read()
    if not digest.names(data):
        raise damaged(digest)
    return data


def damaged(digest: Digest) -> StoreError:
    """The error for content that the store should hold."""
    return StoreError(
        f"{digest} is missing from the store or damaged",
        hint="load, pull or build the image again; `dockerlang system check` lists all that is damaged",
    )
