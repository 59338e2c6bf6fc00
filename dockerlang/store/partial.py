"""Blobs on their way from elsewhere, kept by digest where the way is cut: whoever wants one next goes on there.

What lies in `partial/` is trusted in nothing. It is hashed anew when somebody goes on with it, and it becomes a blob
only when the whole of it has the digest. Who writes one holds the lock `blob-<hex>`.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from hashlib import sha256

from dockerlang.oci.digest import Digest
from dockerlang.store.blobs import CHUNK, StagedBlob
from dockerlang.store.durability import sync_file
from dockerlang.store.layout import Layout
from dockerlang.store.locks import try_acquire

KEPT = 24 * 3600.0
"""Seconds for which the beginning of a blob is kept after its last byte came."""


class PartialBlob:
    """What is there of a blob of `size` bytes, to be written to its end; leaving the `with` block keeps it."""

    def __init__(self, layout: Layout, digest: Digest, size: int) -> None:
        self._path = layout.partial / digest.hex
        layout.blob(digest)  # refuses digests that no store can hold
        layout.partial.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileNotFoundError):
            os.chmod(self._path, 0o600)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._hash = sha256()
        self._size = 0
        self._read_again(size)

    def __enter__(self) -> PartialBlob:
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            if self._size == 0:
                self._path.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return self._size

    def write(self, data: bytes) -> int:
        """Append `data`; returns its length."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self._hash.update(data)
        self._size += len(data)
        return len(data)

    def hexdigest(self) -> str:
        """The SHA-256 of all that is there."""
        return self._hash.hexdigest()

    def restart(self) -> None:
        """Drop what is there: it is not what it should be."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.ftruncate(self._descriptor, 0)
        self._hash, self._size = sha256(), 0

    def finish(self) -> StagedBlob:
        """Bring the content to the disk; to be placed by the caller, who has compared the digest."""
        sync_file(self._descriptor)
        os.fchmod(self._descriptor, 0o444)
        return StagedBlob(self._path, Digest("sha256", self.hexdigest()), self._size)

    def _read_again(self, size: int) -> None:
        if os.fstat(self._descriptor).st_size > size:
            self.restart()
        while data := os.read(self._descriptor, CHUNK):
            self._hash.update(data)
            self._size += len(data)


def drop_partial_blobs(layout: Layout, *, older_than: float = KEPT) -> int:
    """Remove what nobody has gone on with for so many seconds; returns the bytes that were freed."""
    freed = 0
    try:
        names = os.listdir(layout.partial)
    except FileNotFoundError:
        return 0
    for name in names:
        lock = try_acquire(layout.locks / f"blob-{name}", create=True)
        if lock is None:
            continue
        with suppress(FileNotFoundError):
            status = os.lstat(layout.partial / name)
            if time.time() - status.st_mtime >= older_than:
                os.unlink(layout.partial / name)
                freed += status.st_size
        lock.release(unlink=True)
    return freed
