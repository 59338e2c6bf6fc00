"""Signals as STOPSIGNAL takes them: a name with or without SIG, in any case, or a number."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_REAL_TIME_MIN, _REAL_TIME_MAX = 34, 64

_NAMES = (
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
)  # fmt: skip

SIGNALS: Mapping[str, int] = {
    **{name: number for number, name in enumerate(_NAMES, 1)},
    "IOT": 6,
    "CLD": 17,
    "POLL": 29,
    "RTMIN": _REAL_TIME_MIN,
    **{f"RTMIN+{offset}": _REAL_TIME_MIN + offset for offset in range(1, 16)},
    **{f"RTMAX-{offset}": _REAL_TIME_MAX - offset for offset in range(14, 0, -1)},
    "RTMAX": _REAL_TIME_MAX,
}
"""The signals of Linux, without `SIG`, with their numbers on most architectures."""


def signal_number(text: str) -> int | None:
    """The number of a signal; None where the text names none. Any number but 0 is taken, whatever its size."""
    if _NUMBER.fullmatch(text):
        return int(text) or None
    return SIGNALS.get(text.upper().removeprefix("SIG"))


def is_signal(text: str) -> bool:
    """Whether STOPSIGNAL takes the text."""
    return signal_number(text) is not None
