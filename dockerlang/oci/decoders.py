"""One interface over the decompressors for gzip, bzip2, xz and zstd, each object good for one member or frame."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from enum import Enum
from typing import Protocol, cast

# Memory for one stream: 256 MiB for xz (its highest preset needs 65), windows of 128 MiB for zstd (its own default).
_XZ_MEMORY = 1 << 28
_ZSTD_WINDOW = 27


class Compression(Enum):
    """How a stream is compressed."""

    NONE = "uncompressed"
    GZIP = "gzip"
    ZSTD = "zstd"
    BZIP2 = "bzip2"
    XZ = "xz"


class Decoder(Protocol):
    """What the standard library's decompressors for bzip2, xz and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def decoders(compression: Compression) -> tuple[Callable[[], Decoder], tuple[type[Exception], ...]]:
    """What makes a decoder for one member, and how it fails. The libraries are only loaded when they are needed."""
    match compression:
        case Compression.NONE:
            raise AssertionError("what is not compressed needs no decoder")
        case Compression.GZIP:
            return _Inflate, _inflate_failures()
        case Compression.BZIP2:
            import bz2

            return bz2.BZ2Decompressor, (OSError, ValueError)
        case Compression.XZ:
            import lzma

            return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY), (lzma.LZMAError,)
        case Compression.ZSTD:
            if sys.version_info >= (3, 14):
                from compression import zstd
            else:
                from backports import zstd

            options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW}
            return lambda: zstd.ZstdDecompressor(options=options), (zstd.ZstdError,)


def _inflate_failures() -> tuple[type[Exception], ...]:
    try:
        from isal import isal_zlib
    except ImportError:
        return (zlib.error,)
    return (zlib.error, cast("type[Exception]", isal_zlib.error))


class _Inflate:
    """One gzip member, through the interface of the other decoders."""

    def __init__(self) -> None:
        self._inflate = _inflate()
        self._left = b""

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._left

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        out = self._inflate.decompress(self._left + data, max_length)
        self._left = self._inflate.unconsumed_tail
        return out


class _InflateObject(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


def _inflate() -> _InflateObject:
    """A decompressor of one gzip member that checks header and trailer; isal is several times as fast as zlib."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.decompressobj(wbits=31)
    return cast("_InflateObject", isal_zlib.decompressobj(wbits=31))
