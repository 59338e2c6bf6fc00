"""Reads tar archives of every common format from a stream, without seeking and within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from dockerlang.oci.tar.entry import Entry


@dataclass(frozen=True, slots=True)
class TarLimits:
    """What a reader accepts: the number of entries, and the bytes of one extended header or GNU long name."""

    entries: int = 4_000_000
    extended_header: int = 1024 * 1024


class Readable(Protocol):
    """The data of one entry."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that is left for -1; empty at the end."""
        ...


def read_entries(stream: BinaryIO, limits: TarLimits = TarLimits()) -> Iterator[tuple[Entry, Readable, int]]:
    """Each entry of the archive with a reader of its data and the data's offset from where `stream` stood.

    The reader is good until the next entry is asked for; what it has not read is skipped. Paths are as they are written
    (`./a`, `/a`, `a/../b`), but a directory's final slash is taken off. Reading stops at the end-of-archive mark, so that `stream` may hold more.
    Raises `InputError` for what is not a tar archive or ends early, `LimitError` for what goes beyond `limits`.
    """
    raise NotImplementedError
