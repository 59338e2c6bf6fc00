"""Writes tar archives of which every byte is determined by the entries: ustar, with PAX records only where needed.

No user or group names, no access or change times, no padding of the archive to blocks of ten kibibytes. PAX records
carry what ustar cannot: long or non-ASCII names, IDs and sizes beyond their octal fields, fractions of a second,
extended attributes (as `SCHILY.xattr.NAME`, which GNU tar, bsdtar and Go understand).
"""

from __future__ import annotations

from typing import BinaryIO

from dockerlang.oci.tar.entry import Entry


class TarWriter:
    """Writes entries one after the other to a binary stream, which stays open and is never sought in."""

    def __init__(self, stream: BinaryIO) -> None:
        raise NotImplementedError

    @property
    def position(self) -> int:
        """How many bytes were written so far."""
        raise NotImplementedError

    def add(self, entry: Entry, data: bytes | BinaryIO = b"") -> int:
        """Write `entry` with its data, of exactly `entry.size` bytes, and return the offset of the data.

        A directory's path may lack the final slash; a time before 1970 is written as 0. Raises `InputError` for an entry
        that no archive can hold and for data that ends early.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Write the two empty blocks that end an archive."""
        raise NotImplementedError
