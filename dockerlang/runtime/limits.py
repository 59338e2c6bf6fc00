"""What a process may use at most: its own limits (setrlimit), and those of the control group around all that it starts.

Also how docker's options say them: `nofile=100:200`, `64m`, `0-2,4`.
"""

from __future__ import annotations

import re

from dockerlang.errors import UsageError
from dockerlang.records import fields_of, record

UNLIMITED = -1
SHARED_MEMORY = 64 << 20
"""The size of /dev/shm in bytes, if nobody wants another."""

ULIMIT_NUMBERS = {
    "core": 4,
    "cpu": 0,
    "data": 2,
    "fsize": 1,
    "locks": 10,
    "memlock": 8,
    "msgqueue": 12,
    "nice": 13,
    "nofile": 7,
    "nproc": 6,
    "rss": 5,
    "rtprio": 14,
    "rttime": 15,
    "sigpending": 11,
    "stack": 3,
}
"""The names of docker's `--ulimit` with the numbers that Linux gives them on the machines we know."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:([kmgtp])i?)?b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_CPU_LIST = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")
SMALLEST_MEMORY = 6 << 20
"""What docker asks for at least, in bytes: less would not hold the start of a process."""


@record
class Ulimit:
    """A limit of getrlimit(2) by docker's name for it; `UNLIMITED` for none."""

    name: str
    soft: int
    hard: int

    def __str__(self) -> str:
        return f"{self.name}={self.soft}:{self.hard}"


@record
class Resources:
    """Limits for a process and all that it starts together, which take a control group. None or "" stands for no limit.

    `memory`, `memory_swap` (memory and swap together, `UNLIMITED` for any amount of swap) and `memory_reservation`,
    which others leave to them, are in bytes; a share of processor time is relative to 1024; `cpu_quota` microseconds
    of processor time may be used in each period of `cpu_period` microseconds. `parent` is the control group to make
    the new one in.
    """

    memory: int | None = None
    memory_swap: int | None = None
    memory_reservation: int | None = None
    cpu_shares: int | None = None
    cpu_period: int | None = None
    cpu_quota: int | None = None
    cpuset_cpus: str = ""
    cpuset_mems: str = ""
    pids: int | None = None
    parent: str = ""

    def __post_init__(self) -> None:
        """Raises `UsageError` for what docker refuses, too."""
        if self.memory is not None and self.memory < SMALLEST_MEMORY:
            raise UsageError("the smallest memory limit is 6m", hint="a process needs some memory to start at all")
        if self.memory_swap is not None and self.memory is None:
            raise UsageError("a limit of memory and swap needs a limit of memory", hint="add --memory")
        if self.memory is not None and self.memory_swap is not None and -1 < self.memory_swap < self.memory:
            raise UsageError("the limit of memory and swap is smaller than that of memory alone")
        if self.memory_reservation is not None and self.memory_reservation < SMALLEST_MEMORY:
            raise UsageError("the smallest reservation of memory is 6m")
        if self.memory is not None and (self.memory_reservation or 0) > self.memory:
            raise UsageError("more memory is reserved than may be used")
        for value in (self.cpuset_cpus, self.cpuset_mems):
            if value and not _CPU_LIST.fullmatch(value):
                raise UsageError(f"'{value}' is no list of numbers", hint="write it as in 0-2,4")
        if ".." in self.parent.split("/"):
            raise UsageError(f"the control group '{self.parent}' leads out of the hierarchy")

    def __bool__(self) -> bool:
        return any(getattr(self, name) not in (None, "") for name in fields_of(type(self)))


NO_LIMITS = Resources()


def parse_ulimit(text: str) -> Ulimit:
    """`NAME=SOFT[:HARD]`; without HARD both are the same. Raises `UsageError`."""
    name, _, values = text.partition("=")
    if name not in ULIMIT_NUMBERS:
        raise UsageError(f"invalid ulimit type: '{name}'", hint=f"there are {', '.join(sorted(ULIMIT_NUMBERS))}")
    soft_text, colon, hard_text = values.partition(":")
    try:
        soft = int(soft_text)
        hard = int(hard_text) if colon else soft
    except ValueError:
        raise UsageError(f"invalid ulimit: '{text}'", hint="write it as in nofile=1024:2048") from None
    if min(soft, hard) < UNLIMITED:
        raise UsageError(f"invalid ulimit: '{text}'", hint="-1 stands for no limit")
    if hard != UNLIMITED and (soft > hard or soft == UNLIMITED):
        raise UsageError(f"the soft limit of '{text}' is above the hard one")
    return Ulimit(name, soft, hard)


def parse_size(text: str) -> int:
    """A number of bytes, with one of the units b, k, m, g, t, p (powers of 1024) or without. Raises `UsageError`."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"invalid size: '{text}'", hint="write a number of bytes, or with a unit as in 64m")
    return int(float(match[1]) * 1024 ** _POWERS[(match[2] or "").lower()])
