"""Writes a layer and indexes it in the same pass."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer.index import LayerIndex
from dockerlang.oci.layer.indexing import LayerIndexer, portable_xattrs
from dockerlang.oci.layer.paths import normalise
from dockerlang.oci.layer.whiteouts import is_reserved
from dockerlang.oci.tar import Entry, Kind, Readable, TarWriter, Writable, printable
from dockerlang.records import replace

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_LARGE = 8 << 20
"""Files of so many bytes are hashed by a thread of their own, beside the archive that they go into."""
_AHEAD = 4


@runtime_checkable
class HashingSink(Protocol):
    """A stream that knows the SHA-256 of what was written to it."""

    def write(self, data: bytes, /) -> object: ...
    def digest(self) -> Digest: ...


class LayerWriter:
    """Writes the archive of a layer to a binary stream, which stays open.

    Where the stream does not hash itself what it is given, that is done here. The writer is stricter than the reader of
    other people's layers: what engines disagree about is never written.
    """

    def __init__(self, stream: Writable) -> None:
        self._sink: HashingSink = stream if isinstance(stream, HashingSink) else _HashedSink(stream)
        self._writer = TarWriter(self._sink)
        self._indexer = LayerIndexer()
        self._paths: set[bytes] = set()

    def add(self, entry: Entry, data: bytes | Readable = b"") -> None:
        """Add a file, a directory, or one of the entries that `whiteout` and `opaque` make.

        Attributes of overlay file systems and of SELinux are left out. Raises `InputError` for a path that is not
        normalised or stands twice, a file whose name would be taken for a whiteout, a character device 0:0, a hard link
        to a file that this layer does not hold, and for what no archive can say.
        """
        path = entry.path
        if normalise(path) != path:
            raise InputError(f"layer: {printable(path)}: not a path inside the root")
        if path in self._paths:
            raise InputError(f"layer: {printable(path)} would stand twice in it")
        if entry.kind is Kind.HARDLINK and entry.link not in self._paths:
            raise InputError(f"layer: {printable(path)}: a hard link to {printable(entry.link)}, which is not in it")
        if is_reserved(path) and not _is_whiteout(entry):
            raise InputError(
                f"{printable(path)}: a layer cannot hold this file, its name means that another one is deleted",
                hint="names that begin with .wh. are reserved by the image format",
            )
        if entry.xattrs:
            entry = replace(entry, xattrs=portable_xattrs(entry.xattrs))
        self._paths.add(path)
        if isinstance(data, bytes):
            digest = hashlib.sha256(data)
            offset = self._writer.add(entry, data)
        elif entry.size < _LARGE:
            hashed = _HashedSource(data)
            offset = self._writer.add(entry, hashed)
            digest = hashed.hash
        else:
            with _SourceHashedBeside(data) as beside:
                offset = self._writer.add(entry, beside)
                digest = beside.finish()
        # A negative time is written as 0, so the index must say the same.
        seen = replace(entry, mtime_ns=0) if entry.mtime_ns < 0 else entry
        self._indexer.add(seen, offset, digest.digest() if entry.kind is Kind.FILE else b"")

    def close(self) -> LayerIndex:
        """End the archive and return its index, which equals what `index_layer` makes of the bytes written."""
        self._writer.close()
        return self._indexer.finish(self._sink.digest(), self._writer.position)


def _is_whiteout(entry: Entry) -> bool:
    return entry.kind is Kind.FILE and not (entry.mode or entry.size or entry.mtime_ns)


class _HashedSink:
    """A stream with the digest of what was written to it."""

    def __init__(self, stream: Writable) -> None:
        self._write = stream.write
        self._hash = hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        self._hash.update(data)
        self._write(data)

    def digest(self) -> Digest:
        return Digest("sha256", self._hash.hexdigest())


class _HashedSource:
    """Data with the digest of what was read of it."""

    def __init__(self, data: Readable) -> None:
        self._read = data.read
        self.hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._read(size)
        self.hash.update(data)
        return data


class _SourceHashedBeside:
    """The same for much data: a thread hashes what was read while the caller goes on with it."""

    def __init__(self, data: Readable) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._read = data.read
        self._hash = hashlib.sha256()
        self._pool: ThreadPoolExecutor = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._pending: deque[Future[None]] = deque()

    def __enter__(self) -> _SourceHashedBeside:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def read(self, size: int = -1, /) -> bytes:
        data = self._read(size)
        if len(self._pending) == _AHEAD:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(self._hash.update, data))
        return data

    def finish(self) -> hashlib._Hash:
        """The hash of all that was read."""
        while self._pending:
            self._pending.popleft().result()
        return self._hash
