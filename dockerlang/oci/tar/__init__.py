"""The tar codec: exact, deterministic bytes when writing, every common format when reading."""

from __future__ import annotations

from dockerlang.oci.tar.entry import LARGEST_ID, NO_XATTRS, Entry, Kind, Readable, printable
from dockerlang.oci.tar.reader import TarLimits, read_entries
from dockerlang.oci.tar.writer import TarWriter, Writable

__all__ = [
    "LARGEST_ID",
    "NO_XATTRS",
    "Entry",
    "Kind",
    "Readable",
    "TarLimits",
    "TarWriter",
    "Writable",
    "printable",
    "read_entries",
]
