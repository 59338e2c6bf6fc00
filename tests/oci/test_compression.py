"""Compressed streams: recognised, read to the end, refused when damaged or too large."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import sys
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.errors import InputError, LimitError
from dockerlang.oci.compression import Compression, DecompressionLimits, GzipWriter, detect, open_decompressed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SKIPPABLE = b"\x5a\x2a\x4d\x18\x04\0\0\0skip"
COMPRESSORS: dict[Compression, Callable[[bytes], bytes]] = {
    Compression.GZIP: gzip.compress,
    Compression.BZIP2: bz2.compress,
    Compression.XZ: lzma.compress,
    Compression.ZSTD: zstd.compress,
}
CONTENT = hashlib.shake_256(b"noise").digest(3000) + b"compressible " * 100_000
each = pytest.mark.parametrize(("compression", "compress"), COMPRESSORS.items(), ids=lambda value: str(value)[:16])


def decompressed(data: bytes, limits: DecompressionLimits = DecompressionLimits()) -> bytes:
    return open_decompressed(io.BytesIO(data), limits).read()


@each
def test_a_stream_is_known_by_its_first_bytes(compression: Compression, compress: Callable[[bytes], bytes]) -> None:
    data = compress(CONTENT)
    assert detect(data[:6]) is compression
    assert decompressed(data) == CONTENT


@each
def test_every_member_counts(compression: Compression, compress: Callable[[bytes], bytes]) -> None:
    assert decompressed(compress(b"one") + compress(b"") + compress(CONTENT)) == b"one" + CONTENT


@each
def test_empty_content_is_content(compression: Compression, compress: Callable[[bytes], bytes]) -> None:
    assert decompressed(compress(b"")) == b""


@each
def test_truncation_and_what_follows_are_errors(compression: Compression, compress: Callable[[bytes], bytes]) -> None:
    data = compress(CONTENT)
    for end in (len(data) // 2, len(data) - 1):
        with pytest.raises(InputError, match=r"ends early|damaged"):
            decompressed(data[:end])
    with pytest.raises(InputError, match="something else follows"):
        decompressed(data + b"something else")


@each
def test_damage_is_an_error(compression: Compression, compress: Callable[[bytes], bytes]) -> None:
    data = bytearray(compress(CONTENT))
    data[len(data) // 2] ^= 0x55
    try:
        found = decompressed(bytes(data))
    except InputError:
        return
    # Zstandard carries a checksum only on request.
    assert compression is Compression.ZSTD
    assert found != CONTENT


@each
def test_a_bomb_is_stopped(compression: Compression, compress: Callable[[bytes], bytes]) -> None:
    data = compress(bytes(5_000_000))
    stream = open_decompressed(io.BytesIO(data), DecompressionLimits(size=1_000_000))
    with pytest.raises(LimitError, match="1000000 bytes"):
        list(iter(lambda: stream.read(100_000), b""))
    with pytest.raises(LimitError, match="no real data"):
        decompressed(data, DecompressionLimits(ratio=10, ratio_from=1000))
    assert len(decompressed(data, DecompressionLimits(ratio=10, ratio_from=5_000_000))) == 5_000_000


def test_padding_behind_gzip_and_xz_is_no_content() -> None:
    assert decompressed(gzip.compress(b"x") + bytes(700)) == b"x"
    assert decompressed(lzma.compress(b"x") + bytes(8) + lzma.compress(b"y")) == b"xy"


def test_skippable_frames_hold_nothing() -> None:
    assert detect(SKIPPABLE) is Compression.ZSTD
    assert decompressed(SKIPPABLE + zstd.compress(b"a") + SKIPPABLE + zstd.compress(b"b") + SKIPPABLE) == b"ab"


@pytest.mark.parametrize("data", [b"", b"\x1f", b"BZ", b"plain text", CONTENT])
def test_what_shows_no_compression_passes_through(data: bytes) -> None:
    assert decompressed(data) == data


def test_reading_in_small_pieces_gives_the_same() -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 13))

    stream = open_decompressed(Drip(gzip.compress(CONTENT[:20_000]) + gzip.compress(b"end")))
    assert b"".join(iter(lambda: stream.read(7), b"")) == CONTENT[:20_000] + b"end"


def test_closing_leaves_the_source_open() -> None:
    source = io.BytesIO(gzip.compress(b"x"))
    open_decompressed(source).close()
    assert not source.closed


@pytest.mark.parametrize("without_isal", [False, True])
def test_gzip_is_written_without_a_trace_of_the_time(without_isal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if without_isal:
        monkeypatch.setitem(sys.modules, "isal", None)
    stream = io.BytesIO()
    writer = GzipWriter(stream)
    for at in range(0, len(CONTENT), 100_000):
        writer.write(CONTENT[at : at + 100_000])
    writer.close()
    data = stream.getvalue()
    assert data[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    assert gzip.decompress(data) == CONTENT
    assert zlib.decompress(data, wbits=31) == CONTENT
    assert decompressed(data) == CONTENT
    with pytest.raises(InputError):
        decompressed(data[:-8] + bytes(byte ^ 1 for byte in data[-8:-4]) + data[-4:])


@given(st.lists(st.binary(max_size=2000), max_size=5))
def test_any_content_survives_gzip(pieces: list[bytes]) -> None:
    stream = io.BytesIO()
    writer = GzipWriter(stream)
    for piece in pieces:
        assert writer.write(piece) == len(piece)
    writer.close()
    assert decompressed(stream.getvalue()) == b"".join(pieces)


@given(st.sampled_from([gzip.compress, bz2.compress, lzma.compress, zstd.compress]), st.binary(), st.integers(0, 200))
def test_noise_is_content_or_a_clear_error(compress: Callable[[bytes], bytes], noise: bytes, at: int) -> None:
    data = bytearray(compress(b"content" * 50))
    data[at : at + len(noise)] = noise
    message = ""
    try:
        decompressed(bytes(data))
    except InputError as error:
        message = str(error)
    assert "\n" not in message
