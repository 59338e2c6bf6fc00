"""How a process gives up what it must not have: it limits itself, takes on a filter, and becomes its user."""

from __future__ import annotations

import errno
import os
import resource

from dockerlang.runtime import kernel
from dockerlang.runtime.capabilities import restrict_bounding_set
from dockerlang.runtime.limits import ULIMIT_NUMBERS, Ulimit
from dockerlang.runtime.process import Security
from dockerlang.runtime.seccomp import filter_for
from dockerlang.runtime.users import User


def limit(ulimit: Ulimit) -> None:
    """Set a limit of this process and all it starts. Raises OSError that names the limit."""
    try:
        resource.setrlimit(ULIMIT_NUMBERS[ulimit.name], (ulimit.soft, ulimit.hard))
    except (OSError, ValueError):
        # Python says ValueError for EPERM.
        raise OSError(errno.EPERM, f"{ulimit}: not permitted") from None


def confine(capabilities: frozenset[str], security: Security) -> None:
    """Bar the way to further capabilities, privileges and system calls, for this process and all it starts."""
    restrict_bounding_set(capabilities)
    if not security.may_gain_privileges:
        kernel.forbid_new_privileges()
    program = filter_for(capabilities) if security.is_filtered else None
    if program is not None:
        kernel.install_seccomp_filter(program)


def become_user(user: User) -> None:
    """Take on the user's ids; from a user other than root the kernel takes all capabilities. Raises OSError."""
    if _may_set_groups():
        os.setgroups(user.groups)
    os.setresgid(user.gid, user.gid, user.gid)
    os.setresuid(user.uid, user.uid, user.uid)


def _may_set_groups() -> bool:
    try:
        with open("/proc/self/setgroups", "rb") as file:
            return file.read().strip() != b"deny"
    except FileNotFoundError:
        return True
