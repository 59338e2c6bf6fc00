"""Writes a layer and indexes it in the same pass."""

from __future__ import annotations

import hashlib

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer.index import LayerIndex
from dockerlang.oci.layer.indexing import LayerIndexer, portable_xattrs
from dockerlang.oci.layer.paths import normalise
from dockerlang.oci.layer.whiteouts import is_reserved
from dockerlang.oci.tar import Entry, Kind, Readable, TarWriter, Writable, printable
from dockerlang.records import replace


class LayerWriter:
    """Writes the archive of a layer to a binary stream, which stays open.

    It is stricter than the reader of other people's layers: what engines disagree about is never written.
    """

    def __init__(self, stream: Writable) -> None:
        self._sink = _HashedSink(stream)
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
        else:
            hashed = _HashedSource(data)
            offset = self._writer.add(entry, hashed)
            digest = hashed.hash
        # A negative time is written as 0, so the index must say the same.
        seen = replace(entry, mtime_ns=0) if entry.mtime_ns < 0 else entry
        self._indexer.add(seen, offset, digest.digest() if entry.kind is Kind.FILE else b"")

    def close(self) -> LayerIndex:
        """End the archive and return its index, which equals what `index_layer` makes of the bytes written."""
        self._writer.close()
        return self._indexer.finish(Digest("sha256", self._sink.hash.hexdigest()), self._writer.position)


def _is_whiteout(entry: Entry) -> bool:
    return entry.kind is Kind.FILE and not (entry.mode or entry.size or entry.mtime_ns)


class _HashedSink:
    """A stream with the digest of what was written to it."""

    def __init__(self, stream: Writable) -> None:
        self._write = stream.write
        self.hash = hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        self.hash.update(data)
        self._write(data)


class _HashedSource:
    """Data with the digest of what was read of it."""

    def __init__(self, data: Readable) -> None:
        self._read = data.read
        self.hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._read(size)
        self.hash.update(data)
        return data
