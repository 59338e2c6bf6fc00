"""What is to be run, as a value: the process, its mounts and its limits.

All of it is plain data, so that it can be sent to the fork server, compared, and printed. Strings hold the bytes of
file names and arguments the way `dockerlang.text.decode` gives them.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from pathlib import Path

from dockerlang.records import record
from dockerlang.runtime.capabilities import DEFAULT_CAPABILITIES
from dockerlang.runtime.limits import NO_LIMITS, SHARED_MEMORY, Resources, Ulimit


class Network(Enum):
    """What the process sees of the network."""

    HOST = "host"
    BRIDGE = "bridge"  # interfaces of its own, from which pasta leads to what the host reaches; not the host's loopback
    NONE = "none"  # a loopback interface of its own and nothing else


class Namespace(Enum):
    """What a process may share with the host, and does not unless it is told to."""

    IPC = "ipc"  # shared memory, semaphores and message queues
    UTS = "uts"  # the host's name
    CGROUP = "cgroup"  # the names of control groups


@record
class Port:
    """A port of the host (at `address`, or at all where that is empty) that leads to one of a process's network."""

    container: int
    host: int
    address: str = ""
    protocol: str = "tcp"  # or udp


class Access(Enum):
    """What becomes of writes to a mounted directory or file."""

    READ_ONLY = "ro"
    DISCARD = "discard"  # they work, and are gone when the process has ended
    WRITE = "rw"  # they reach the source


@record
class Bind:
    """A file or directory of the host at `target`; symbolic links in `source` itself are followed."""

    target: str
    source: Path
    access: Access = Access.READ_ONLY


@record
class LayersBind:
    """What is at `path` in a stack of layer trees (lowest first), at `target`.

    Symbolic links on the way are resolved inside that stack. `Access.WRITE` makes no sense here and is refused.
    """

    target: str
    lowers: tuple[Path, ...]
    path: str = "/"
    access: Access = Access.READ_ONLY


@record
class Tmpfs:
    """An empty directory in memory; `size` in bytes, None for the kernel's default (half of the memory).

    With `is_executable` programs in it can be executed, as in a build; docker's `--tmpfs` forbids it.
    """

    target: str
    size: int | None = None
    mode: int = 0o1777
    is_executable: bool = False


@record
class File:
    """A file in memory: a secret, or a file of `/etc` that is not the image's. Its content never reaches a disk."""

    target: str
    content: bytes = field(repr=False)
    mode: int = 0o444
    uid: int = 0
    gid: int = 0
    access: Access = Access.READ_ONLY


Mount = Bind | LayersBind | Tmpfs | File


@record
class Device:
    """A device file of the host in the process's /dev, or wherever `target` says."""

    target: str
    source: Path


@record
class Security:
    """What keeps the process from the machine, beside namespaces and capabilities.

    `is_filtered`: dangerous system calls are denied. `hides_machine`: parts of /proc and /sys are hidden or read-only.
    `may_gain_privileges`: programs with the set-user-ID bit work.
    """

    is_filtered: bool = True
    hides_machine: bool = True
    may_gain_privileges: bool = True


CONFINED = Security()
PRIVILEGED = Security(is_filtered=False, hides_machine=False)


@record
class TerminalSize:
    """Rows and columns of a pseudo terminal."""

    rows: int = 24
    columns: int = 80


@record
class Process:
    """One process to be run as pid 1 of its own namespaces.

    `env` has the form of an image's config (`NAME=value`); HOME is added from the root's `/etc/passwd` where it is
    missing. `user` has the form of the instruction USER and is looked up in the root. `cwd` is created when missing.
    `ports` are for the network `BRIDGE`. An empty `hostname` keeps the host's. With `terminal` the process gets a
    pseudo terminal of that size as its standard streams. Where two mounts have the same target the later one counts.
    `groups` are further groups by name or number; `sysctls` are names and values below /proc/sys, of the process's own
    namespaces only. With `has_init` a small first process passes signals on to this one and buries orphans. `resources`
    are kept where the machine lets us make control groups. `out_of_memory_score` is -1000 to 1000 as in proc(5), None
    for no protection.
    """

    args: tuple[str, ...]
    env: tuple[str, ...] = ()
    cwd: str = "/"
    user: str = ""
    capabilities: frozenset[str] = DEFAULT_CAPABILITIES
    network: Network = Network.HOST
    ports: tuple[Port, ...] = ()
    hostname: str = ""
    mounts: tuple[Mount, ...] = ()
    read_only: bool = False
    terminal: TerminalSize | None = None
    ulimits: tuple[Ulimit, ...] = ()
    resources: Resources = NO_LIMITS
    shared_memory: int = SHARED_MEMORY
    security: Security = CONFINED
    devices: tuple[Device, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    groups: tuple[str, ...] = ()
    has_init: bool = False
    host_namespaces: frozenset[Namespace] = frozenset()
    domain_name: str = ""
    out_of_memory_score: int | None = None
