"""Compressed streams: told by their first bytes, read to the very end within limits, and written without a trace of the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO


class Compression(Enum):
    """How a stream is compressed."""

    NONE = "uncompressed"
    GZIP = "gzip"
    ZSTD = "zstd"
    BZIP2 = "bzip2"
    XZ = "xz"


@dataclass(frozen=True, slots=True)
class DecompressionLimits:
    """What is accepted against bombs: bytes of output, and output per byte of input once `ratio_from` bytes came out."""

    size: int = 1 << 40
    ratio: int = 2000
    ratio_from: int = 256 * 1024 * 1024


def detect(head: bytes) -> Compression:
    """The compression that the first bytes of a stream (6 are enough) show."""
    raise NotImplementedError


def open_decompressed(stream: BinaryIO, limits: DecompressionLimits = DecompressionLimits()) -> BinaryIO:
    """A stream of what `stream` holds uncompressed, by its first bytes; an uncompressed one is passed through.

    Reads all members of a gzip file, all frames of a zstd one. Raises `InputError` while reading for damaged or truncated data
    and `LimitError` for a bomb.
    """
    raise NotImplementedError


class GzipWriter:
    """Compresses what is written to it into `stream`; the header holds neither time nor system nor name."""

    def __init__(self, stream: BinaryIO) -> None:
        raise NotImplementedError

    def write(self, data: bytes) -> int:
        """Compress `data`; returns its length."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is pending and the trailer; `stream` stays open."""
        raise NotImplementedError
