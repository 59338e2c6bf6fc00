"""Sizes and ages as docker prints them."""

from __future__ import annotations

from datetime import UTC, datetime

_SIZE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def human_size(size: float, digits: int = 3) -> str:
    """A size in bytes with a decimal unit and that many significant digits: `1.98MB`, `0B`."""
    unit = 0
    while size >= 1000 and unit < len(_SIZE_UNITS) - 1:
        size /= 1000
        unit += 1
    return f"{size:.{digits}g}{_SIZE_UNITS[unit]}"


def human_duration(seconds: float) -> str:
    """A span of time in the one unit that fits: `Less than a second`, `About an hour`, `3 weeks`."""
    whole = int(seconds)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < _MINUTE:
        return f"{whole} seconds"
    minutes = whole // _MINUTE
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    # Go rounds hours up from the half.
    hours = int(whole / _HOUR + 0.5)
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    if hours < 24 * 7 * 2:
        return f"{hours // 24} days"
    if hours < 24 * 30 * 2:
        return f"{hours // 24 // 7} weeks"
    if hours < 24 * 365 * 2:
        return f"{hours // 24 // 30} months"
    return f"{int(whole / _HOUR) // 24 // 365} years"


def age(created: float | None, now: float) -> str:
    """How long ago something was made, from seconds since 1970; `N/A` where that is not known."""
    return "N/A" if created is None else f"{human_duration(now - created)} ago"


def clock(created: float | None) -> str:
    """A moment as Go's `Time.String` shows it in the local zone: `2026-11-24 01:01:34 +0000 UTC`."""
    if created is None:
        return "N/A"
    return datetime.fromtimestamp(int(created)).astimezone().strftime("%Y-%m-%d %H:%M:%S %z %Z")


def rfc3339(created: float | None) -> str:
    """A moment in the local zone to the second, `Z` standing for UTC: `2026-11-24T01:01:34Z`."""
    if created is None:
        return "N/A"
    return datetime.fromtimestamp(int(created)).astimezone().isoformat().replace("+00:00", "Z")


def rfc3339_nano(nanoseconds: int) -> str:
    """A moment of UTC to the nanosecond, as docker stamps lines of logs: `2026-11-24T01:01:34.000000001Z`."""
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"
