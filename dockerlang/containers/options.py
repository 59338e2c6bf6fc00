"""What a user may say about a container beyond its image, and how the words on the command line are read."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from dockerlang.errors import UsageError
from dockerlang.runtime.capabilities import DEFAULT_CAPABILITIES
from dockerlang.runtime.process import Access, Bind, Network, Tmpfs

_SIZE = re.compile(r"(\d+)([bkmg]?)", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@dataclass(frozen=True, slots=True)
class ContainerOptions:
    """The options of `run`. None stands for "as the image says"; an empty `entrypoint` for none at all.

    `env` items are `NAME=value`, `anonymous_volumes` the targets of volumes without a source.
    """

    command: tuple[str, ...] = ()
    entrypoint: str | None = None
    env: tuple[str, ...] = ()
    user: str | None = None
    working_dir: str | None = None
    hostname: str = ""
    name: str = ""
    network: Network = Network.HOST
    binds: tuple[Bind, ...] = ()
    anonymous_volumes: tuple[str, ...] = ()
    tmpfs: tuple[Tmpfs, ...] = ()
    capabilities: frozenset[str] = DEFAULT_CAPABILITIES
    is_read_only: bool = False
    is_interactive: bool = False
    has_terminal: bool = False
    is_removed_afterwards: bool = False


def parse_volume(text: str) -> Bind | str:
    """`SOURCE:TARGET[:ro|rw]` as a bind of the host's files, `TARGET` alone as the target of an anonymous volume.

    A source is a path: absolute, or relative when it begins with a dot. Raises UsageError.
    """
    parts = text.split(":")
    if len(parts) == 1:
        return _target(parts[0], text)
    if len(parts) > 3 or not parts[0]:
        raise UsageError(f"invalid volume specification: '{text}'", hint="it has the form SOURCE:TARGET[:ro]")
    source, target, options = parts[0], parts[1], parts[2].split(",") if len(parts) == 3 else []
    unknown = set(options) - {"ro", "rw", "z", "Z"}
    if unknown:
        raise UsageError(f"invalid volume specification: '{text}': invalid mode: {', '.join(sorted(unknown))}")
    if not source.startswith(("/", ".")):
        raise UsageError(
            f"there are no named volumes, so '{source}' cannot be mounted",
            hint=f"name a directory of the host: ./{source}:{target}",
        )
    access = Access.READ_ONLY if "ro" in options else Access.WRITE
    return Bind(_target(target, text), Path(source).absolute(), access)


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
