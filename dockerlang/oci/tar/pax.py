"""Extended header records, `LENGTH KEY=VALUE\\n` (POSIX.1-2001, "pax Extended Header"). Keys and values are bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dockerlang.errors import InputError

XATTR_PREFIX = b"SCHILY.xattr."

# In nanoseconds: the year 2262. Later and earlier times are brought to this.
LARGEST_TIME = 2**63 - 1

_DECIMAL = re.compile(rb"(-?)([0-9]+)(?:\.([0-9]*))?")


def write_records(records: Mapping[bytes, bytes]) -> bytes:
    """The records as the data of an extended header, ordered by key."""
    return b"".join(_record(key, records[key]) for key in sorted(records))


def read_records(data: bytes) -> dict[bytes, bytes]:
    """The records in the data of an extended header, the last of equal keys; `InputError` for anything else."""
    records: dict[bytes, bytes] = {}
    at = 0
    # Some writers fill the header's last block with NULs and count them as data.
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + 20)
        length = data[at:space] if space > 0 else b""
        end = at + int(length) if length.isdigit() else 0
        key, separator, value = data[space + 1 : end - 1].partition(b"=")
        if not at < end <= len(data) or data[end - 1 : end] != b"\n" or not separator or not key:
            raise InputError("tar archive: a PAX record is malformed")
        records[key] = value
        at = end
    return records


def time_value(nanoseconds: int) -> bytes:
    """A time since 1970 as decimal seconds, without zeros at the end of the fraction."""
    seconds, fraction = divmod(nanoseconds, 10**9)
    return (b"%d.%09d" % (seconds, fraction)).rstrip(b"0") if fraction else b"%d" % seconds


def read_time(value: bytes) -> int:
    """Decimal seconds as nanoseconds, further digits cut off, within 64 bits; exact, since no float is involved."""
    match = _DECIMAL.fullmatch(value)
    if match is None or len(value) > 64:
        raise InputError(f"tar archive: {value[:64]!r} is not a time")
    sign, seconds, fraction = match.groups()
    nanoseconds = int(seconds) * 10**9 + int((fraction or b"")[:9].ljust(9, b"0"))
    return min(nanoseconds, LARGEST_TIME) * (-1 if sign else 1)


def read_integer(value: bytes) -> int:
    """A whole number; `InputError` for anything else."""
    digits = value.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > 20:
        raise InputError(f"tar archive: {value[:64]!r} is not a number")
    return int(value)


def _record(key: bytes, value: bytes) -> bytes:
    # The length counts its own digits.
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    if len(str(length)) > len(str(rest)):
        length = rest + len(str(length))
    return b"%d %b=%b\n" % (length, key, value)
