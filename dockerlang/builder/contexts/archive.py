"""A tar archive as a build context: read once, indexed, and served from a nameless temporary file.

Nothing is unpacked, so no entry can lead anywhere. Owners, modes and times are the archive's; ignore files do not count
in it, as in the reference.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dockerlang.builder.files import SourceFile
from dockerlang.errors import InputError, LimitError, StoreError
from dockerlang.oci.compression import DecompressionLimits, open_decompressed
from dockerlang.oci.layer import index_layer
from dockerlang.oci.tar import Entry, Kind, Readable
from dockerlang.oci.tree import MergedTree, TreeNode

MAX_ARCHIVE = 64 << 30
"""The largest context that is read from an archive, in bytes after decompression."""
_CHUNK = 1 << 20


class ArchiveContext:
    """The files of an archive; `place` is what messages call it."""

    def __init__(self, file: BinaryIO, place: str) -> None:
        """Raises `InputError` for a damaged archive."""
        self.place = place
        self._file = file
        file.seek(0)
        try:
            self._tree = MergedTree([index_layer(file)])
        except InputError as error:
            raise InputError(f"the archive {place} cannot be a build context: {error}") from None

    def get(self, path: bytes) -> SourceFile | None:
        node = self._tree.lookup(path, follow=False)
        return None if node is None else self._source(node)

    def children(self, directory: bytes) -> Iterator[SourceFile]:
        return map(self._source, self._tree.children(directory))

    def prepare(self, files: list[SourceFile]) -> None:
        """Nothing to do: the index holds the digests."""

    def hidden_by(self, path: bytes) -> str:
        """Nothing is hidden in an archive."""
        del path
        return ""

    def remember(self) -> None:
        """Nothing to do: an archive is read anew each time."""

    def read(self, path: str) -> bytes | None:
        """The content of a small file, links followed; None where there is none."""
        node = self._tree.lookup(path.encode("utf-8", "surrogateescape"))
        return None if node is None or not node.sha256 else self._open(node).read()

    def newest(self) -> int | None:
        """When the newest file was changed, in seconds since 1970; None for an archive without files."""
        times = (node.entry.mtime_ns for node in self._tree.walk() if node.entry.kind is Kind.FILE)
        newest = max(times, default=None)
        return None if newest is None else newest // 10**9

    def _source(self, node: TreeNode) -> SourceFile:
        return SourceFile(node.entry, node.inode, lambda: self._open(node), lambda: node.sha256)

    def _open(self, node: TreeNode) -> BinaryIO:
        return io.BufferedReader(_Part(self._file.fileno(), node.offset, node.entry.size), _CHUNK)


def read_archive(stream: Readable, place: str, directory: Path) -> ArchiveContext:
    """Read a tar stream, compressed or not, to its end. The temporary file lies in `directory`, but has no name there.

    Raises `InputError` for a damaged archive, `LimitError` for one that is too large, `StoreError` for a full disk.
    """
    file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - it lives as long as the context
    try:
        with open_decompressed(stream, DecompressionLimits(size=MAX_ARCHIVE)) as plain:
            while chunk := plain.read(_CHUNK):
                file.write(chunk)
        file.flush()
    except OSError as error:
        file.close()
        raise StoreError(
            f"cannot keep the build context {place} in {directory}: {error.strerror}", hint="make room there"
        ) from None
    except LimitError as error:
        file.close()
        raise LimitError(f"the build context {place}: {error}", hint="build from a directory instead") from None
    except InputError as error:
        file.close()
        raise InputError(f"the build context {place}: {error}") from None
    return ArchiveContext(file, place)


class EmptyContext:
    """The context of a Dockerfile that came alone."""

    place = "empty: the Dockerfile came without files"

    def get(self, path: bytes) -> SourceFile | None:
        return None if path else SourceFile(Entry(b"", Kind.DIRECTORY, mode=0o755), None, io.BytesIO, bytes)

    def children(self, directory: bytes) -> Iterator[SourceFile]:
        del directory
        return iter(())

    def prepare(self, files: list[SourceFile]) -> None:
        """Nothing to do."""

    def hidden_by(self, path: bytes) -> str:
        """Nothing is hidden."""
        del path
        return ""

    def remember(self) -> None:
        """Nothing to do."""


class _Part(io.RawIOBase):
    """A range of a file, read at its own place: many threads share the file."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = os.pread(self._descriptor, min(len(buffer), self._left), self._offset)
        buffer[: len(data)] = data
        self._offset += len(data)
        self._left -= len(data)
        return len(data)
