"""The tar codec: exact, deterministic bytes when writing, every common format when reading."""

from __future__ import annotations

from dockerlang.oci.tar.entry import LARGEST_ID, Entry, Kind, printable
from dockerlang.oci.tar.reader import Readable, TarLimits, read_entries
from dockerlang.oci.tar.writer import TarWriter

__all__ = ["LARGEST_ID", "Entry", "Kind", "Readable", "TarLimits", "TarWriter", "printable", "read_entries"]
