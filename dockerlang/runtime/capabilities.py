"""Linux capabilities by name, docker's default set, and how a process limits itself to some of them."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.errors import UsageError
from dockerlang.runtime import kernel

_NAMES = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
"""
_DEFAULT_NAMES = """
CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL
AUDIT_WRITE
"""

NAMES = tuple(_NAMES.split())
"""All capabilities (capabilities(7)) without their prefix `CAP_`; the position is the kernel's number."""

DEFAULT_CAPABILITIES = frozenset(_DEFAULT_NAMES.split())
"""The 14 that docker leaves to a container."""


def adjust(capabilities: frozenset[str], *, add: Iterable[str] = (), drop: Iterable[str] = ()) -> frozenset[str]:
    """The set after docker's `--cap-drop` and `--cap-add`; `ALL` means all, names are taken with or without `CAP_`.

    As in docker: adding ALL leaves out only what is dropped by name, dropping ALL leaves only what is added by name.
    Raises UsageError for a name that is none.
    """
    added, dropped = {_normalize(name) for name in add}, {_normalize(name) for name in drop}
    if "ALL" in added:
        return frozenset(NAMES) - dropped
    if "ALL" in dropped:
        return frozenset(added)
    return (capabilities - dropped) | added


def available(capabilities: frozenset[str]) -> frozenset[str]:
    """Those that this process has itself, and so can give."""
    mask = kernel.permitted_capabilities()
    return frozenset(name for number, name in enumerate(NAMES) if name in capabilities and mask >> number & 1)


def restrict_bounding_set(capabilities: frozenset[str]) -> None:
    """Drop every other capability from the bounding set, for this process and all that it will ever execute."""
    for number, name in enumerate(NAMES):
        if name not in capabilities and kernel.has_bounding_capability(number):
            kernel.drop_bounding_capability(number)


def restrict_own_sets(capabilities: frozenset[str]) -> None:
    """Keep, of what this process has, only `capabilities`, permitted and effective; nothing is inheritable."""
    wanted = sum(1 << number for number, name in enumerate(NAMES) if name in capabilities)
    kept = wanted & kernel.permitted_capabilities()
    kernel.set_capabilities(effective=kept, permitted=kept, inheritable=0)


def _normalize(name: str) -> str:
    upper = name.upper().removeprefix("CAP_")
    if upper != "ALL" and upper not in NAMES:
        raise UsageError(f"unknown capability '{name}'", hint="the names are those of capabilities(7), as NET_ADMIN")
    return upper
