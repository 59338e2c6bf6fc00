"""Which run of the machine this is: what was alive in an earlier one is dead."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def boot_id() -> str:
    """The kernel's name for the time since the machine started; empty where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def lease_database(boot: str) -> str:
    """The name of the database of leases for one run of the machine."""
    return f"leases-{boot}.db"


def is_lease_database(name: str) -> bool:
    """Whether the name is that of such a database, of any run, or of its journal."""
    return name.startswith("leases-")
