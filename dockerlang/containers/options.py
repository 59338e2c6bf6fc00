"""What a user may say about a container beyond its image, and how the words on the command line are read."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from dockerlang.containers.ports import Publication
from dockerlang.containers.rights import DEFAULT_RIGHTS, Rights
from dockerlang.errors import UsageError
from dockerlang.records import record
from dockerlang.runtime.limits import NO_LIMITS, SHARED_MEMORY, Resources, Ulimit
from dockerlang.runtime.name_files import HOST_RESOLVER, Resolver
from dockerlang.runtime.process import Access, Bind, Network, Tmpfs

_SIZE = re.compile(r"(\d+)([bkmg]?)", re.IGNORECASE)
_MOUNT_KEYS = {
    "type": "type",
    "source": "source",
    "src": "source",
    "target": "target",
    "dst": "target",
    "destination": "target",
    "readonly": "readonly",
    "ro": "readonly",
    "volume-nocopy": "volume-nocopy",
    "tmpfs-size": "tmpfs-size",
    "tmpfs-mode": "tmpfs-mode",
}
_MOUNT_FLAGS = frozenset({"readonly", "volume-nocopy"})
_CLAIMS = {"": True, "true": True, "1": True, "false": False, "0": False}
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@record
class VolumeMount:
    """A volume of the store where the container wants it; one without a name is made anew for it."""

    target: str
    name: str = ""
    access: Access = Access.WRITE
    copies_content: bool = True


Mount = Bind | VolumeMount | Tmpfs


@record
class ContainerOptions:
    """The options of `run`. None stands for "as the image says"; an empty `entrypoint` for none at all.

    Without a `network` there is one of the container's own where that can be had, else the host's. `exposed_ports` have
    the form of an image's config (`80/tcp`). `env` items are `NAME=value`; `volumes_from` names containers, with `:ro`
    or `:rw` behind them or not.
    """

    command: tuple[str, ...] = ()
    entrypoint: str | None = None
    env: tuple[str, ...] = ()
    user: str | None = None
    working_dir: str | None = None
    hostname: str = ""
    domain_name: str = ""
    name: str = ""
    network: Network | None = Network.HOST
    publications: tuple[Publication, ...] = ()
    publishes_exposed: bool = False
    exposed_ports: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    volumes_from: tuple[str, ...] = ()
    rights: Rights = DEFAULT_RIGHTS
    ulimits: tuple[Ulimit, ...] = ()
    resources: Resources = NO_LIMITS
    shared_memory: int = SHARED_MEMORY
    extra_hosts: tuple[tuple[str, str], ...] = ()
    resolver: Resolver = HOST_RESOLVER
    is_read_only: bool = False
    is_interactive: bool = False
    has_terminal: bool = False
    is_removed_afterwards: bool = False
    is_detached: bool = False

    @property
    def wants_own_network(self) -> bool:
        """Whether the container is to have a network of its own, if only where that can be had."""
        return self.network in (None, Network.BRIDGE)


def parse_volume(text: str) -> Bind | VolumeMount:
    """`SOURCE:TARGET[:ro|rw]`, or `TARGET` alone for a volume without a name. Raises UsageError.

    A source is a path of the host, absolute or relative when it begins with a dot; any other word names a volume.
    """
    parts = text.split(":")
    if len(parts) == 1:
        return VolumeMount(_target(parts[0], text))
    if len(parts) > 3 or not parts[0]:
        raise UsageError(f"invalid volume specification: '{text}'", hint="it has the form SOURCE:TARGET[:ro]")
    source, target, options = parts[0], parts[1], parts[2].split(",") if len(parts) == 3 else []
    unknown = set(options) - {"ro", "rw", "z", "Z", "nocopy"}
    if unknown:
        raise UsageError(f"invalid volume specification: '{text}': invalid mode: {', '.join(sorted(unknown))}")
    access = Access.READ_ONLY if "ro" in options else Access.WRITE
    if source.startswith(("/", ".", "~")):
        return Bind(_target(target, text), Path(os.path.expanduser(source)).absolute(), access)
    return VolumeMount(_target(target, text), source, access, "nocopy" not in options)


def parse_mount(text: str) -> Mount:
    """`type=volume|bind|tmpfs,source=...,target=...[,readonly]...`, as a line of CSV. Raises UsageError."""
    import csv

    fields: dict[str, str] = {}
    for word in next(csv.reader([text]), []):
        key, equals, value = word.partition("=")
        name = _MOUNT_KEYS.get(key.lower())
        if name is None or (not equals and name not in _MOUNT_FLAGS):
            raise UsageError(f"invalid argument '{text}' for --mount: unexpected key '{key}'")
        if name in _MOUNT_FLAGS and value.lower() not in _CLAIMS:
            raise UsageError(f"invalid argument '{text}' for --mount: invalid value for {key}: {value}")
        fields[name] = value
    kind, source = fields.get("type", "volume"), fields.get("source", "")
    if "target" not in fields:
        raise UsageError(f"invalid argument '{text}' for --mount: target is required")
    target = _target(fields["target"], text)
    access = Access.READ_ONLY if _CLAIMS[fields.get("readonly", "false").lower()] else Access.WRITE
    match kind:
        case "volume":
            return VolumeMount(target, source, access, not _CLAIMS[fields.get("volume-nocopy", "false").lower()])
        case "bind" if source:
            path = Path(source).absolute()
            if not path.exists():
                raise UsageError(f"bind source path does not exist: {source}", hint="make it, or use --volume")
            return Bind(target, path, access)
        case "bind":
            raise UsageError(f"invalid argument '{text}' for --mount: a bind needs a source")
        case "tmpfs" if not source:
            size = _size(fields["tmpfs-size"], text) if "tmpfs-size" in fields else None
            mode = fields.get("tmpfs-mode", "1777")
            if not re.fullmatch("[0-7]{1,4}", mode):
                raise UsageError(f"invalid mode '{mode}' in '{text}'")
            return Tmpfs(target, size, int(mode, 8))
    raise UsageError(
        f"invalid argument '{text}' for --mount", hint="the types are volume, bind and tmpfs (without a source)"
    )


def parse_tmpfs(text: str) -> Tmpfs:
    """`TARGET[:size=N,mode=OCTAL]`; sizes may end in k, m or g. Raises UsageError."""
    target, _, options = text.partition(":")
    size, mode = None, 0o1777
    for option in filter(None, options.split(",")):
        name, _, value = option.partition("=")
        match name:
            case "size":
                size = _size(value, text)
            case "mode" if re.fullmatch("[0-7]{1,4}", value):
                mode = int(value, 8)
            case "rw" | "noexec" | "nosuid" | "nodev" if not value:
                # These are what it is anyway.
                continue
            case _:
                raise UsageError(f"invalid tmpfs option '{option}' in '{text}'", hint="there are size=N and mode=OCTAL")
    return Tmpfs(_target(target, text), size, mode)


def parse_environment(text: str) -> str | None:
    """`NAME=value` as it is; `NAME` alone with this program's value, or None where it has none. Raises UsageError."""
    name, equals, _ = text.partition("=")
    if not name:
        raise UsageError(f"invalid environment variable: '{text}'")
    if equals:
        return text
    value = os.environ.get(name)
    return None if value is None else f"{name}={value}"


def _target(target: str, text: str) -> str:
    if not target.startswith("/") or posixpath.normpath(target).strip("/") == "":
        raise UsageError(f"invalid mount target in '{text}'", hint="it is an absolute path other than /")
    return target


def _size(value: str, text: str) -> int:
    match = _SIZE.fullmatch(value)
    if match is None:
        raise UsageError(f"invalid size '{value}' in '{text}'")
    return int(match[1]) * _UNITS[match[2].lower()]
