"""Durations as Go writes them (`1h2m3.5s`), in whole nanoseconds."""

from __future__ import annotations

import re

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_LIMIT = 2**63


class InvalidDuration(ValueError):
    """The text is no duration."""


def parse_duration(text: str) -> int:
    """Nanoseconds of a duration such as `300ms`, `-1.5h` or `2h45m`; `0` needs no unit.

    Raises `InvalidDuration` where a unit or a number is missing or the value does not fit 64 bits. Source: Go's
    `time.ParseDuration`.
    """
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    if not rest:
        raise InvalidDuration(f"`{text}` is no duration")
    total = 0
    while rest:
        match = _PART.match(rest)
        assert match is not None
        whole, fraction, unit = match.groups()
        if not whole and not fraction:
            raise InvalidDuration(f"`{text}` is no duration")
        if not unit:
            raise InvalidDuration(f"the duration `{text}` has no unit")
        if unit not in _UNITS:
            raise InvalidDuration(f"the duration `{text}` has an unknown unit `{unit}`")
        total += int(whole or 0) * _UNITS[unit]
        total += int(fraction or 0) * _UNITS[unit] // 10 ** len(fraction or "")
        if total > _LIMIT - (sign > 0):
            raise InvalidDuration(f"the duration `{text}` is too long")
        rest = rest[match.end() :]
    return sign * total


def format_duration(nanoseconds: int) -> str:
    """The shortest form that Go prints: `5m0s`, `1.5s`, `300ms`, `0s`."""
    if nanoseconds == 0:
        return "0s"
    sign, value = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    for limit, unit, size in ((1_000, "ns", 1), (1_000_000, "µs", 1_000), (1_000_000_000, "ms", 1_000_000)):
        if value < limit:
            return f"{sign}{_decimal(value, size)}{unit}"
    minutes, rest = divmod(value, 60_000_000_000)
    seconds = f"{_decimal(rest, 1_000_000_000)}s"
    if not minutes:
        return sign + seconds
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}h{minutes}m{seconds}" if hours else f"{sign}{minutes}m{seconds}"


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    digits = len(str(size)) - 1
    fraction = f"{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)
