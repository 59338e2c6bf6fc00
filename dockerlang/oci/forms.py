"""How a layer is written for others: plain, or compressed by which method and how hard."""

from __future__ import annotations

import sys
from typing import Protocol

from dockerlang.oci import media
from dockerlang.oci.compression import Compression, GzipWriter
from dockerlang.oci.tar import Writable
from dockerlang.records import record

LEVELS = {Compression.GZIP: range(10), Compression.ZSTD: range(23), Compression.NONE: range(0)}
"""The levels of compression that can be asked for."""
_MEDIA_TYPES = {
    Compression.NONE: media.OCI_LAYER,
    Compression.GZIP: media.OCI_LAYER_GZIP,
    Compression.ZSTD: media.OCI_LAYER_ZSTD,
}
_ZSTD_LEVEL = 3


@record
class Form:
    """A compression (none, gzip or zstd) and its level; without a level, the fastest that compresses well."""

    compression: Compression
    level: int | None = None

    @property
    def media_type(self) -> str:
        """The OCI media type of a layer in this form."""
        return _MEDIA_TYPES[self.compression]


GZIP = Form(Compression.GZIP)


class FormWriter(Protocol):
    """Takes plain data and writes it in a form."""

    def write(self, data: bytes, /) -> int: ...
    def close(self) -> None:
        """Write what is pending; the stream below stays open."""


def write_in_form(stream: Writable, form: Form) -> FormWriter:
    """A writer into `stream`; equal data, form and version of the library give equal bytes."""
    match form.compression:
        case Compression.NONE:
            return _PlainWriter(stream)
        case Compression.GZIP:
            return GzipWriter(stream, form.level)
        case Compression.ZSTD:
            return _ZstdWriter(stream, form.level)
    raise AssertionError(form.compression)


class _PlainWriter:
    def __init__(self, stream: Writable) -> None:
        self._stream = stream

    def write(self, data: bytes, /) -> int:
        self._stream.write(data)
        return len(data)

    def close(self) -> None:
        pass


class _ZstdWriter:
    def __init__(self, stream: Writable, level: int | None) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd

        self._stream = stream
        self._compressor = zstd.ZstdCompressor(level=_ZSTD_LEVEL if level is None else level)

    def write(self, data: bytes, /) -> int:
        compressed = self._compressor.compress(data)
        if compressed:
            self._stream.write(compressed)
        return len(data)

    def close(self) -> None:
        self._stream.write(self._compressor.flush())
