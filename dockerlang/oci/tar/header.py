"""The 512-byte header block: ustar as it is written, and every older and newer dialect as it is read."""

from __future__ import annotations

import struct
from typing import NamedTuple

from dockerlang.errors import InputError

BLOCK = 512
EMPTY_BLOCK = bytes(BLOCK)
LARGEST_SHORT = 0o7777777
LARGEST_LONG = 0o77777777777

_WRITTEN = struct.Struct("100s48s8s1s100s8s64x16s155s12x")
_READ = struct.Struct("100s8s8s8s12s12s8s1s100s8s64x8s8s155s8x4s")
_USTAR = b"ustar\x0000"
_NO_DEVICE = b"0000000\0" * 2
# What the constant parts add to the checksum: the magic, and eight blanks in place of the checksum itself.
_CONSTANT_SUM = sum(_USTAR) + 8 * 0x20
_NO_DEVICE_SUM = sum(_NO_DEVICE)


class Header(NamedTuple):
    """The fields of a header block as they stand there; `flag` is the type flag."""

    path: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    flag: bytes
    link: bytes
    dev_major: int
    dev_minor: int


def pack(prefix: bytes, header: Header) -> bytes:
    """The ustar block of `header`, whose path and link have at most 100 bytes and `prefix` at most 155.

    Numbers must fit their octal fields: seven digits for mode, IDs and device numbers, eleven for size and time.
    """
    path, mode, uid, gid, size, mtime, flag, link, dev_major, dev_minor = header
    numbers = b"%07o\0%07o\0%07o\0%011o\0%011o\0" % (mode, uid, gid, size, mtime)
    if dev_major or dev_minor:
        device = b"%07o\0%07o\0" % (dev_major, dev_minor)
        device_sum = sum(device)
    else:
        device, device_sum = _NO_DEVICE, _NO_DEVICE_SUM
    # Summing the parts instead of the block spares the NULs between them, which are most of it.
    checksum = _CONSTANT_SUM + device_sum + flag[0] + sum(path) + sum(numbers) + sum(link) + sum(prefix)
    return _WRITTEN.pack(path, numbers, b"%06o\0 " % checksum, flag, link, _USTAR, device, prefix)


def unpack(block: bytes) -> Header:
    """The header in `block`; `InputError` where the checksum or a number is wrong."""
    path, mode, uid, gid, size, mtime, checksum, flag, link, magic, major, minor, prefix, trailer = _READ.unpack(block)
    if read_number(checksum) not in _checksums(block):
        raise InputError("not a tar archive, or damaged: the checksum of a header is wrong")
    path = _text(path)
    if magic[:6] == b"ustar\0" and prefix[0]:
        # The archiver "star" keeps times in the last part of the prefix.
        prefix = prefix[:131] if trailer == b"tar\0" else prefix
        path = _text(prefix) + b"/" + path
    has_device = flag in b"34" and magic[:5] == b"ustar"
    return Header(
        path,
        read_number(mode),
        read_number(uid),
        read_number(gid),
        read_number(size),
        read_number(mtime),
        flag,
        _text(link),
        read_number(major) if has_device else 0,
        read_number(minor) if has_device else 0,
    )


def read_number(field: bytes) -> int:
    """A number in octal with blanks and NULs around it, or in GNU's base 256, which the highest bit announces."""
    text = field.strip(b" \0")
    if text.isdigit():
        try:
            return int(text, 8)
        except ValueError:
            pass
    if not text:
        return 0
    if field[0] & 0x80:
        bits = 8 * len(field) - 1
        value = int.from_bytes(field, "big") & ((1 << bits) - 1)
        return value - (1 << bits) if field[0] & 0x40 else value
    text = text.partition(b"\0")[0]
    if not text.isdigit() or any(digit > 0x37 for digit in text):
        raise InputError(f"not a tar archive, or damaged: {text!r} in a header is not a number")
    return int(text, 8)


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _checksums(block: bytes) -> tuple[int, ...]:
    """The sum of the bytes with blanks for the checksum; some old writers took the bytes as signed."""
    unsigned = sum(block) - sum(block[148:156]) + 8 * 0x20
    if block.isascii():
        return (unsigned,)
    signed = unsigned - 256 * sum(byte > 0x7F for byte in block[:148] + block[156:])
    return unsigned, signed
