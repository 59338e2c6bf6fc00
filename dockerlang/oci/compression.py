"""Compressed streams: told by their first bytes, read to the very end within limits, written without a trace of time.

The digest of a layer is that of all its uncompressed bytes, so every member of a gzip file and every frame of a zstd
file counts. What a compressor makes of the same bytes differs between libraries and versions: nothing may rest on it.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import BinaryIO, Protocol, cast

from dockerlang.errors import InputError, LimitError
from dockerlang.oci.decoders import Compression, Decoder, decoders
from dockerlang.oci.tar import Readable, Writable
from dockerlang.records import record

__all__ = ["Compression", "DecompressionLimits", "GzipWriter", "detect", "open_decompressed"]

_CHUNK = 256 * 1024
_HEAD = 6
# Method deflate, no flags, no time, no hint about the level, no operating system.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@record
class DecompressionLimits:
    """What is accepted, against bombs: bytes of output, and output for each byte of input.

    The ratio is looked at once `ratio_from` bytes came out: a small file of zeros is no attack. Gzip stays below 1032.
    """

    size: int = 1 << 38
    ratio: int = 2000
    ratio_from: int = 1 << 28


_DEFAULT_LIMITS = DecompressionLimits()


def detect(head: bytes) -> Compression:
    """The compression that the first six bytes of a stream show."""
    for magic, compression in _MAGICS:
        if head.startswith(magic):
            return compression
    return Compression.ZSTD if _is_skippable_frame(head) else Compression.NONE


def open_decompressed(stream: Readable, limits: DecompressionLimits = _DEFAULT_LIMITS) -> BinaryIO:
    """What `stream` holds, uncompressed; a stream that shows no compression is passed through.

    Reading to the end of the result reads `stream` to its end. Reading raises `InputError` for data that are damaged,
    end early or are followed by something else, and `LimitError` for what goes beyond `limits`. Closing the result
    leaves `stream` open.
    """
    head = _read_head(stream)
    compression = detect(head)
    if compression is Compression.NONE:
        return cast("BinaryIO", _Plain(stream, head, limits))
    raw = _Decompressed(stream, head, compression, limits)
    return cast("BinaryIO", io.BufferedReader(raw, _CHUNK))


class GzipWriter:
    """Compresses what is written to it into a gzip member in `stream`, whose header tells no time, name or system.

    `level` is that of zlib, 0 to 9; without one speed counts.
    """

    def __init__(self, stream: Writable, level: int | None = None) -> None:
        self._stream = stream
        self._compressor = _deflate(level)
        self._crc = 0
        self._size = 0
        stream.write(_GZIP_HEADER)

    def write(self, data: bytes, /) -> int:
        """Compress `data`; returns its length."""
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        compressed = self._compressor.compress(data)
        if compressed:
            self._stream.write(compressed)
        return len(data)

    def close(self) -> None:
        """Write what is pending and the trailer; `stream` stays open."""
        trailer = struct.pack("<II", self._crc, self._size & 0xFFFFFFFF)
        self._stream.write(self._compressor.flush() + trailer)


_MAGICS = (
    (b"\x1f\x8b", Compression.GZIP),
    (b"\x28\xb5\x2f\xfd", Compression.ZSTD),
    (b"BZh", Compression.BZIP2),
    (b"\xfd7zXZ\0", Compression.XZ),
)
# Zeros may follow a gzip or xz file, to fill a tape's or a disk's block.
_PADDED = frozenset({Compression.GZIP, Compression.XZ})


def _is_skippable_frame(head: bytes) -> bool:
    return len(head) >= 4 and head[0] & 0xF0 == 0x50 and head[1:4] == b"\x2a\x4d\x18"


def _read_head(stream: Readable) -> bytes:
    head = b""
    while len(head) < _HEAD and (more := stream.read(_HEAD - len(head))):
        head += more
    return head


class _Plain(io.BufferedIOBase):
    """What shows no compression, handed through without a copy."""

    def __init__(self, stream: Readable, head: bytes, limits: DecompressionLimits) -> None:
        self._read = stream.read
        self._head = head
        self._left = limits.size
        self._limits = limits

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """As that of a buffered stream: `size` bytes but at the end."""
        wanted = -1 if size is None else size
        data = self._head
        if data:
            self._head = data[wanted:] if 0 <= wanted < len(data) else b""
            data = data[:wanted] if wanted >= 0 else data
        while wanted < 0 or len(data) < wanted:
            more = self._read(wanted - len(data) if wanted >= 0 else -1)
            if not more:
                break
            data = data + more if data else more
        self._left -= len(data)
        if self._left < 0:
            raise LimitError(f"{Compression.NONE.value} stream: more than {self._limits.size} bytes come out of it")
        return data

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size if size >= 0 else _CHUNK)


class _Decompressed(io.RawIOBase):
    """The uncompressed bytes of all members of a stream."""

    def __init__(self, stream: Readable, head: bytes, compression: Compression, limits: DecompressionLimits) -> None:
        self._stream = stream
        self._compression = compression
        self._limits = limits
        self._pending = head
        self._consumed = len(head)
        self._produced = 0
        self._decoder: Decoder | None = None
        self._new_decoder, self._failures = decoders(compression)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._some(len(buffer))
        buffer[: len(data)] = data
        self._produced += len(data)
        if self._produced > self._limits.size:
            raise LimitError(f"{self._name}: more than {self._limits.size} bytes come out of it")
        if self._produced > max(self._limits.ratio_from, self._consumed * self._limits.ratio):
            raise LimitError(
                f"{self._name}: {self._consumed} bytes hold more than {self._produced}; that is no real data"
            )
        return len(data)

    @property
    def _name(self) -> str:
        return f"{self._compression.value} stream"

    def _some(self, size: int) -> bytes:
        """At least one byte and at most `size`; empty at the end of the last member."""
        while True:
            decoder = self._decoder or self._next_member()
            if decoder is None:
                return b""
            ended = False
            if decoder.needs_input and not self._pending:
                self._pending = self._input()
                ended = not self._pending
            try:
                data = decoder.decompress(self._pending, size)
            except self._failures as error:
                raise InputError(f"{self._name}: damaged: {error}") from None
            self._pending = b""
            if decoder.eof:
                self._pending = decoder.unused_data
                self._decoder = None
            elif ended and not data:
                raise InputError(f"{self._name}: it ends early")
            if data:
                return data

    def _next_member(self) -> Decoder | None:
        is_first = self._consumed == len(self._pending)
        while not is_first:
            if self._compression in _PADDED:
                self._pending = self._pending.lstrip(b"\0")
            if len(self._pending) >= _HEAD:
                break
            more = self._input()
            if not more:
                break
            self._pending += more
        if not is_first and not self._pending:
            return None
        if detect(self._pending) is not self._compression:
            raise InputError(f"{self._name}: something else follows it")
        self._decoder = self._new_decoder()
        return self._decoder

    def _input(self) -> bytes:
        data = self._stream.read(_CHUNK)
        self._consumed += len(data)
        return data


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def _deflate(level: int | None) -> _Compressor:
    """A compressor to raw deflate data: isal makes files a tenth larger than zlib, sixteen times as fast."""
    if level is not None:
        return zlib.compressobj(level, zlib.DEFLATED, -15)
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.compressobj(6, zlib.DEFLATED, -15)
    return cast("_Compressor", isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15))
