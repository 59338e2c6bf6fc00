"""What a tar archive says about one file, independent of the format it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from dockerlang.records import record

# The kernel takes the largest 32-bit ID for "leave as it is"; a file with it would come out as root's.
LARGEST_ID = 2**32 - 2

NO_XATTRS: Mapping[bytes, bytes] = MappingProxyType({})


class Kind(Enum):
    """The types of file that a layer can hold; the value is the type flag of the ustar header."""

    FILE = b"0"
    HARDLINK = b"1"
    SYMLINK = b"2"
    CHARACTER_DEVICE = b"3"
    BLOCK_DEVICE = b"4"
    DIRECTORY = b"5"
    FIFO = b"6"


@record
class Entry:
    """One file of an archive. Names and link targets are bytes, as the kernel has them.

    `mode` holds the permission bits with set-uid, set-gid and sticky (0 to 0o7777), `size` the length of the data in
    bytes (0 for all but `FILE`), `mtime_ns` nanoseconds since 1970. `link` is the target of a symbolic link, or for a
    hard link the path of the earlier entry. Names of `xattrs` are whole, such as `user.colour`.
    """

    path: bytes
    kind: Kind = Kind.FILE
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    size: int = 0
    mtime_ns: int = 0
    link: bytes = b""
    dev_major: int = 0
    dev_minor: int = 0
    xattrs: Mapping[bytes, bytes] = field(default_factory=lambda: NO_XATTRS)


class Readable(Protocol):
    """Something to read bytes from: a binary stream, or the data of one entry."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that is left for -1; empty at the end."""
        ...


@runtime_checkable
class Skippable(Readable, Protocol):
    """A stream that can leave out bytes without reading them."""

    def skip(self, size: int, /) -> None:
        """Go on `size` bytes later; raises `InputError` where that is behind the end."""
        ...


def printable(path: bytes) -> str:
    """A path for messages: on one line, with what is not text or not visible escaped."""
    text = path.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
