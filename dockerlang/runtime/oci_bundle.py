"""The configuration by which an OCI runtime (runc, crun, youki) runs a process: the specification's config.json.

The root it names has all mounts in it already but those that need the new namespaces. What the process may do is the
same as with our own namespaces.
"""

from __future__ import annotations

import errno
import platform
from pathlib import Path
from typing import Any

from dockerlang.runtime.cgroup_view import VisibleGroup
from dockerlang.runtime.filesystems import READ_ONLY_PATHS, masked_paths, network_parameters
from dockerlang.runtime.hierarchies import mounted_hierarchies
from dockerlang.runtime.limits import UNLIMITED, Resources
from dockerlang.runtime.process import Network, Process
from dockerlang.runtime.syscall_names import ALLOWED_CALLS
from dockerlang.runtime.syscalls import (
    DENIED_FAMILIES,
    FIRST_UNKNOWN_FAMILY,
    HARMLESS_PERSONALITIES,
    denied_calls,
)
from dockerlang.runtime.users import User

VERSION = "1.0.2"
_ARCHITECTURES = {
    "x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    "aarch64": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    "riscv64": ["SCMP_ARCH_RISCV64"],
}
_NEW_NAMESPACES = 0x7E020000
_CLOSED = ["nosuid", "noexec", "nodev"]
_ALLOW = {"action": "SCMP_ACT_ALLOW"}
_DENY = {"action": "SCMP_ACT_ERRNO", "errnoRet": errno.EPERM}


def configuration(
    process: Process,
    user: User,
    root: Path,
    *,
    owns_network: bool,
    network: Path | None = None,
    cgroups_path: str = "",
    groups: tuple[VisibleGroup, ...] | None = None,
) -> dict[str, Any]:
    """The document. `owns_network`: a new /sys can be mounted, which takes power over the network's namespace.

    `network` is that namespace where there is one to enter; `groups` are the control groups to be seen where the
    runtime makes none.
    """
    shared = {namespace.value for namespace in process.host_namespaces}
    if process.has_init:
        # Whoever starts the runtime is the first process of this one, and stays.
        shared.add("pid")
    kinds = ["pid", "mount", "ipc", "uts"]
    if all(hierarchy.is_unified for hierarchy in mounted_hierarchies()):
        # In version 1, runtimes show a container its own groups without that, and some give up with it.
        kinds.append("cgroup")
    namespaces = [{"type": kind} for kind in kinds if kind not in shared]
    if network is not None:
        namespaces.append({"type": "network", "path": str(network)})
    elif process.network is Network.NONE:
        namespaces.append({"type": "network"})
    linux: dict[str, Any] = {
        "namespaces": namespaces,
        "resources": _resources(process),
    }
    if cgroups_path:
        linux["cgroupsPath"] = cgroups_path
    if process.security.hides_machine:
        linux |= {"maskedPaths": list(masked_paths()), "readonlyPaths": list(READ_ONLY_PATHS)}
    if process.security.is_filtered and platform.machine() in _ARCHITECTURES:
        linux["seccomp"] = _filter(process.capabilities)
    linux["sysctl"] = _parameters(process)
    document: dict[str, Any] = {
        "ociVersion": VERSION,
        "process": _process(process, user),
        "root": {"path": str(root), "readonly": process.read_only},
        "mounts": _mounts(process, root, groups, owns_network=owns_network),
        "linux": linux,
    }
    if process.hostname:
        document["hostname"] = process.hostname
    return document


def _parameters(process: Process) -> dict[str, str]:
    """The kernel's parameters; the name of a domain is one, since older runtimes do not know it by itself."""
    domain = {"kernel.domainname": process.domain_name} if process.domain_name else {}
    return {**dict(network_parameters(process.network)), **domain, **dict(process.sysctls)}


def _process(process: Process, user: User) -> dict[str, Any]:
    capabilities = [f"CAP_{name}" for name in sorted(process.capabilities)]
    own = capabilities if user.uid == 0 else []
    variables = {name: value for name, _, value in (text.partition("=") for text in process.env)}
    variables.setdefault("HOME", user.home)
    score = process.out_of_memory_score
    return {
        **({} if score is None else {"oomScoreAdj": score}),
        "terminal": process.terminal is not None,
        "user": {"uid": user.uid, "gid": user.gid, "umask": 0o022, "additionalGids": list(user.groups)},
        "args": list(process.args),
        "env": [f"{name}={value}" for name, value in variables.items()],
        "cwd": process.cwd,
        "capabilities": {"bounding": capabilities, "permitted": own, "effective": own},
        "rlimits": [
            {"type": f"RLIMIT_{limit.name.upper()}", "soft": _unsigned(limit.soft), "hard": _unsigned(limit.hard)}
            for limit in process.ulimits
        ],
        "noNewPrivileges": not process.security.may_gain_privileges,
    }


def _mounts(
    process: Process, root: Path, groups: tuple[VisibleGroup, ...] | None, *, owns_network: bool
) -> list[dict[str, Any]]:
    access = ["ro"] if process.security.hides_machine else ["rw"]
    # Of the mount itself alone: the devices in it are mounts of their own.
    flags = ["rbind", "nosuid", *(["nodev"] if process.security.hides_machine else [])]
    # /dev is made already; to name it as a bind keeps the runtime from putting devices of its own there.
    device_files = {"destination": "/dev", "type": "bind", "source": f"{root}/dev", "options": flags}
    proc = {"destination": "/proc", "type": "proc", "source": "proc", "options": _CLOSED}
    if owns_network:
        sys = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*_CLOSED, *access]}
    else:
        sys = {"destination": "/sys", "type": "bind", "source": "/sys", "options": ["rbind", *_CLOSED, *access]}
    return [proc, sys, *_group_mounts(groups, [*_CLOSED, *access]), device_files]


def _group_mounts(groups: tuple[VisibleGroup, ...] | None, options: list[str]) -> list[dict[str, Any]]:
    """The runtime's own view of what it makes, or else what is visible over whatever /sys shows of the host's."""
    place = "/sys/fs/cgroup"
    if groups is None:
        return [{"destination": place, "type": "cgroup", "source": "cgroup", "options": options}]
    binds = [
        {"destination": f"{place}/{group.name}".rstrip("/"), "type": "bind", "source": str(group.source)}
        for group in groups
    ]
    made: list[dict[str, Any]] = [{**bind, "options": ["rbind", *options]} for bind in binds]
    if groups and not groups[0].name:
        return made
    return [{"destination": place, "type": "tmpfs", "source": "tmpfs", "options": [*_CLOSED, "mode=755"]}, *made]


def _resources(process: Process) -> dict[str, Any]:
    """The limits of the control group; devices, too, are its matter in the specification."""
    limits: Resources = process.resources
    cpu: dict[str, Any] = {
        "shares": limits.cpu_shares,
        "period": limits.cpu_period,
        "quota": limits.cpu_quota,
        "cpus": limits.cpuset_cpus or None,
        "mems": limits.cpuset_mems or None,
    }
    made: dict[str, Any] = {"devices": [{"allow": not process.security.hides_machine, "access": "rwm"}]}
    for device in process.devices:
        status = device.source.stat()
        major, minor = status.st_rdev >> 8 & 0xFFF, status.st_rdev & 0xFF | status.st_rdev >> 12 & 0xFFF00
        kind = "b" if status.st_mode & 0o170000 == 0o060000 else "c"
        made["devices"].append({"allow": True, "type": kind, "major": major, "minor": minor, "access": "rwm"})
    if limits.memory is not None:
        swap = 2 * limits.memory if limits.memory_swap is None else limits.memory_swap
        made["memory"] = {"limit": limits.memory, "swap": swap}
    if limits.memory_reservation is not None:
        made.setdefault("memory", {})["reservation"] = limits.memory_reservation
    if any(value is not None for value in cpu.values()):
        made["cpu"] = {name: value for name, value in cpu.items() if value is not None}
    if limits.pids is not None:
        made["pids"] = {"limit": limits.pids}
    return made


def _filter(capabilities: frozenset[str]) -> dict[str, Any]:
    """The same as our own filter: what is denied, what is allowed, and anything else does not exist."""
    is_all = "SYS_ADMIN" in capabilities
    denied = [call.name for call in denied_calls() if not call.is_open_to(capabilities)]
    allowed = [*ALLOWED_CALLS, *(call.name for call in denied_calls() if call.is_open_to(capabilities))]
    families = [family for family in range(FIRST_UNKNOWN_FAMILY) if family not in DENIED_FAMILIES]
    rules: list[dict[str, Any]] = [
        {"names": denied, **_DENY},
        {"names": allowed + (["clone", "clone3"] if is_all else []), **_ALLOW},
        *(_rule("personality", _ALLOW, "SCMP_CMP_EQ", value) for value in HARMLESS_PERSONALITIES),
        *(_rule("socket", _ALLOW, "SCMP_CMP_EQ", family) for family in families),
        *(_rule("socket", _DENY, "SCMP_CMP_EQ", family) for family in DENIED_FAMILIES),
        _rule("socket", _DENY, "SCMP_CMP_GE", FIRST_UNKNOWN_FAMILY),
    ]
    if not is_all:
        bits = [1 << bit for bit in range(32) if _NEW_NAMESPACES >> bit & 1]
        # One rule for each bit: a single one asks for all bits of a mask together.
        rules += [_rule("clone", _DENY, "SCMP_CMP_MASKED_EQ", bit, bit) for bit in bits]
        rules.append(_rule("clone", _ALLOW, "SCMP_CMP_MASKED_EQ", _NEW_NAMESPACES))
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": errno.ENOSYS,
        "architectures": _ARCHITECTURES[platform.machine()],
        "syscalls": rules,
    }


def _rule(name: str, answer: dict[str, Any], comparison: str, value: int, second: int = 0) -> dict[str, Any]:
    """Judge a call by its first argument; in a masked comparison `second` is what must be left."""
    return {"names": [name], **answer, "args": [{"index": 0, "value": value, "valueTwo": second, "op": comparison}]}


def _unsigned(limit: int) -> int:
    return (1 << 64) - 1 if limit == UNLIMITED else limit
