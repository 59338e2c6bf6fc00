"""The table of contents of one layer: which files it brings and hides, and where in the archive their data lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dockerlang.oci.digest import Digest
from dockerlang.oci.tar import Entry, TarLimits


@dataclass(frozen=True, slots=True)
class IndexedEntry:
    """One file of a layer. `entry.path` is normalised: relative, without `.`, `..` and slashes at its ends; the root is empty.

    `offset` is where the data begins in the uncompressed archive, `sha256` the raw 32-byte digest of the data (empty for all but
    files). A hard link has the offset, digest, size and attributes of the file it names, and that file's `number`.
    """

    entry: Entry
    offset: int
    sha256: bytes
    number: int


class LayerIndex:
    """What one layer holds, in the order of its archive. Immutable."""

    diff_id: Digest
    size: int
    """Length of the uncompressed archive in bytes, with whatever follows its end mark."""
    whiteouts: frozenset[bytes]
    opaques: frozenset[bytes]
    duplicates: tuple[bytes, ...]
    """Paths that the archive holds more than once; the last one counts."""

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[IndexedEntry]:
        """The entries in the order of the archive, without whiteouts."""
        raise NotImplementedError

    def get(self, path: bytes) -> IndexedEntry | None:
        """The entry at a normalised path; None where the layer has none."""
        raise NotImplementedError

    def to_bytes(self) -> bytes:
        """A compact form, for a cache next to the layer."""
        raise NotImplementedError

    @staticmethod
    def from_bytes(data: bytes) -> LayerIndex:
        """The inverse of `to_bytes`; `InputError` for bytes of another version or a damaged file."""
        raise NotImplementedError


def index_layer(stream: BinaryIO, limits: TarLimits = TarLimits()) -> LayerIndex:
    """Read an uncompressed archive to the very end of `stream`, once, and index it; the diff ID covers every byte.

    Raises `InputError` for an archive that is no valid layer.
    """
    raise NotImplementedError
