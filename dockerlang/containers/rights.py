"""What the process of a container may do, and how docker's words for it are read."""

from __future__ import annotations

import stat
from pathlib import Path

from dockerlang.errors import InputError, UsageError
from dockerlang.records import record
from dockerlang.runtime.capabilities import DEFAULT_CAPABILITIES, NAMES, adjust
from dockerlang.runtime.devices import all_devices
from dockerlang.runtime.process import CONFINED, PRIVILEGED, Device, Namespace, Security

_OF_IPC_NAMESPACE = ("kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.")
# What docker has for each option beside the host's own; a namespace that others may join is private here.
_PRIVATE = {"ipc": {"", "private", "shareable"}, "uts": {""}, "cgroupns": {"", "private"}, "userns": {"", "host"}}
_SHARED = {"ipc": Namespace.IPC, "uts": Namespace.UTS, "cgroupns": Namespace.CGROUP}
_NOT_HONOURED = ("apparmor", "label", "writable-cgroups")


@record
class Rights:
    """What `run` was told about it; see `Process` for what each means."""

    capabilities: frozenset[str] = DEFAULT_CAPABILITIES
    security: Security = CONFINED
    devices: tuple[Device, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    groups: tuple[str, ...] = ()
    has_init: bool = False
    host_namespaces: frozenset[Namespace] = frozenset()
    out_of_memory_score: int | None = None


DEFAULT_RIGHTS = Rights()


def capabilities(add: tuple[str, ...], drop: tuple[str, ...], *, is_privileged: bool) -> frozenset[str]:
    """The set after `--privileged`, `--cap-drop` and `--cap-add`. Raises `UsageError` for a name that is none."""
    return adjust(frozenset(NAMES) if is_privileged else DEFAULT_CAPABILITIES, add=add, drop=drop)


def security(texts: tuple[str, ...], *, is_privileged: bool) -> Security:
    """`--security-opt`. Raises `UsageError` for what is unknown, and for what nothing here would obey."""
    start = PRIVILEGED if is_privileged else CONFINED
    is_filtered, hides_machine = start.is_filtered, start.hides_machine
    may_gain_privileges = start.may_gain_privileges
    for text in texts:
        name, _, value = text.replace(":", "=", 1).partition("=")
        match name, value:
            case "no-new-privileges", "" | "true":
                may_gain_privileges = False
            case "no-new-privileges", "false":
                may_gain_privileges = True
            case "seccomp", "unconfined":
                is_filtered = False
            case "seccomp", "builtin":
                is_filtered = True
            case "seccomp", _:
                raise UsageError(
                    f"`--security-opt {text}`: filters of one's own are not read", hint="there is one built in"
                )
            case "systempaths", "unconfined":
                hides_machine = False
            case ("apparmor", "unconfined") | ("label", "disable"):
                # Neither is there, so nothing confines.
                continue
            case _ if name in _NOT_HONOURED:
                raise UsageError(f"`--security-opt {text}` cannot be honoured: dockerlang does not use {name}")
            case _:
                raise UsageError(f"invalid --security-opt: '{text}'")
    return Security(is_filtered, hides_machine, may_gain_privileges)


def devices(texts: tuple[str, ...], *, is_privileged: bool) -> tuple[Device, ...]:
    """`--device SOURCE[:TARGET][:rwm]`. Raises `UsageError`, and `InputError` for a source that is no device."""
    return (*(all_devices() if is_privileged else ()), *map(_device, texts))


def sysctl(text: str, *, has_own_network: bool, has_own_memory: bool = True) -> tuple[str, str]:
    """`--sysctl NAME=VALUE`. Raises `UsageError` for a parameter that is not the container's alone."""
    name, equals, value = text.partition("=")
    if not equals or ".." in name or "/" in name:
        raise UsageError(f"invalid --sysctl: '{text}'", hint="write --sysctl NAME=VALUE")
    if name.startswith("net.") and not has_own_network:
        raise UsageError(f"sysctl '{name}' would change the host's network", hint="use --network none")
    if name.startswith(_OF_IPC_NAMESPACE) and not has_own_memory:
        raise UsageError(f"sysctl '{name}' would change the host's shared memory", hint="leave out --ipc host")
    if not name.startswith(("net.", *_OF_IPC_NAMESPACE)):
        raise UsageError(f"sysctl '{name}' is not the container's own: it would change the whole machine")
    return name, value


def host_namespaces(values: dict[str, str], *, hostname: str) -> frozenset[Namespace]:
    """What `--ipc`, `--uts`, `--cgroupns`, `--pid` and `--userns` share with the host.

    Raises `UsageError` for what is not to be had, and for a `hostname` that would be the host's.
    """
    shared = set()
    for option, value in values.items():
        if value == "host" and option in _SHARED:
            shared.add(_SHARED[option])
        elif option == "pid" and value:
            raise UsageError(
                f"--pid {value} is not supported: a container ends with all its processes, which takes a namespace"
            )
        elif value not in _PRIVATE.get(option, {""}):
            is_of_another = value.startswith("container:")
            reason = "containers share nothing with each other here" if is_of_another else "there is no such mode here"
            raise UsageError(f"--{option} {value} is not supported: {reason}")
    if hostname and Namespace.UTS in shared:
        raise UsageError("conflicting options: --hostname would change the host's own name with --uts host")
    return frozenset(shared)


def _device(text: str) -> Device:
    parts = text.split(":")
    access = parts.pop() if len(parts) > 1 and not parts[-1].startswith("/") else "rwm"
    if len(parts) > 2 or not all(part.startswith("/") for part in parts) or not access or set(access) - set("rwm"):
        raise UsageError(f"invalid --device: '{text}'", hint="write --device SOURCE[:TARGET]")
    if not {"r", "w"} <= set(access):
        raise UsageError(
            f"`--device {text}`: access to a device cannot be cut down here", hint="leave out the last part"
        )
    source = Path(parts[0])
    try:
        mode = source.stat().st_mode
    except OSError as error:
        raise InputError(f"cannot lend {source}: {error.strerror}") from None
    if stat.S_IFMT(mode) not in {stat.S_IFCHR, stat.S_IFBLK, stat.S_IFDIR}:
        raise InputError(f"cannot lend {source}: it is no device")
    return Device(parts[-1], source)
