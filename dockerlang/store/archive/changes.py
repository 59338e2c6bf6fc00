"""Instructions that change an image's metadata, one a line, as `import` takes them with `--change`.

Read by a small parser of their own: no variables, no continuations. The words of ENV, LABEL, EXPOSE and VOLUME are
split and unquoted as a shell would.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Callable
from dataclasses import replace

from dockerlang.errors import InputError
from dockerlang.oci.config import ContainerConfig, Healthcheck

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_PORT = re.compile(r"(\d+)(?:-(\d+))?(?:/(tcp|udp|sctp))?", re.IGNORECASE)
_SHELL = ("/bin/sh", "-c")
_HEALTH_DURATIONS = frozenset({"--interval", "--timeout", "--start-period", "--start-interval"})


def apply_change(config: ContainerConfig, line: str) -> ContainerConfig:
    """The config after one instruction; `InputError` for one that is not allowed here or wrong."""
    keyword, _, arguments = line.strip().partition(" ")
    change = _CHANGES.get(keyword.upper())
    if change is None:
        raise InputError(
            f"{keyword!r} is not a change that can be made here",
            hint=f"possible are {', '.join(sorted(_CHANGES))}",
        )
    arguments = arguments.strip()
    if not arguments and keyword.upper() not in ("CMD", "ENTRYPOINT"):
        raise InputError(f"{keyword.upper()} needs an argument")
    return change(config, arguments)


def _cmd(config: ContainerConfig, arguments: str) -> ContainerConfig:
    return replace(config, cmd=_command(arguments))


def _entrypoint(config: ContainerConfig, arguments: str) -> ContainerConfig:
    return replace(config, entrypoint=_command(arguments))


def _env(config: ContainerConfig, arguments: str) -> ContainerConfig:
    pairs = _pairs("ENV", arguments)
    kept = tuple(item for item in config.env if item.partition("=")[0] not in pairs)
    return replace(config, env=kept + tuple(f"{name}={value}" for name, value in pairs.items()))


def _label(config: ContainerConfig, arguments: str) -> ContainerConfig:
    return replace(config, labels=dict(config.labels) | _pairs("LABEL", arguments))


def _expose(config: ContainerConfig, arguments: str) -> ContainerConfig:
    ports = {port for word in _words("EXPOSE", arguments) for port in _ports(word)}
    return replace(config, exposed_ports=tuple(sorted({*config.exposed_ports, *ports})))


def _volume(config: ContainerConfig, arguments: str) -> ContainerConfig:
    paths = _json_list(arguments)
    if paths is None:
        paths = tuple(_words("VOLUME", arguments))
    return replace(config, volumes=tuple(sorted({*config.volumes, *paths})))


def _workdir(config: ContainerConfig, arguments: str) -> ContainerConfig:
    path = posixpath.normpath(posixpath.join("/", config.working_dir, arguments))
    return replace(config, working_dir=path)


def _user(config: ContainerConfig, arguments: str) -> ContainerConfig:
    return replace(config, user=arguments)


def _on_build(config: ContainerConfig, arguments: str) -> ContainerConfig:
    trigger = arguments.partition(" ")[0].upper()
    if trigger in ("ONBUILD", "FROM", "MAINTAINER"):
        raise InputError(f"{trigger} is not allowed as an ONBUILD trigger")
    return replace(config, on_build=(*config.on_build, arguments))


def _stop_signal(config: ContainerConfig, arguments: str) -> ContainerConfig:
    return replace(config, stop_signal=arguments)


def _healthcheck(config: ContainerConfig, arguments: str) -> ContainerConfig:
    durations: dict[str, int] = {}
    retries = 0
    while arguments.startswith("--"):
        flag, _, arguments = arguments.partition(" ")
        name, _, value = flag.partition("=")
        if name == "--retries" and value.isdecimal():
            retries = int(value)
        elif name in _HEALTH_DURATIONS:
            durations[name] = _nanoseconds(value)
        else:
            raise InputError(f"HEALTHCHECK does not know {flag!r}")
        arguments = arguments.lstrip()
    kind, _, command = arguments.partition(" ")
    if kind.upper() == "NONE" and not command:
        return replace(config, healthcheck=Healthcheck(test=("NONE",)))
    if kind.upper() != "CMD" or not command.strip():
        raise InputError("HEALTHCHECK needs CMD and a command, or NONE")
    words = _json_list(command.strip())
    test = ("CMD-SHELL", command.strip()) if words is None else ("CMD", *words)
    healthcheck = Healthcheck(
        test=test,
        interval=durations.get("--interval", 0),
        timeout=durations.get("--timeout", 0),
        start_period=durations.get("--start-period", 0),
        start_interval=durations.get("--start-interval", 0),
        retries=retries,
    )
    return replace(config, healthcheck=healthcheck)


_CHANGES: dict[str, Callable[[ContainerConfig, str], ContainerConfig]] = {
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "ONBUILD": _on_build,
    "STOPSIGNAL": _stop_signal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}


def _command(text: str) -> tuple[str, ...] | None:
    """The arguments of a command in JSON form, or the shell that runs it; None for an empty one."""
    words = _json_list(text)
    if words is None:
        return (*_SHELL, text) if text else None
    return words or None


def _json_list(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON list; None for any other text."""
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value)


def _pairs(keyword: str, text: str) -> dict[str, str]:
    """`name=value` words, or the old form `name value` with everything after the name as the value."""
    name, _, rest = text.partition(" ")
    if "=" not in name:
        if not rest.strip():
            raise InputError(f"{keyword} needs name=value, not {text!r}")
        return {name: rest.strip()}
    words = [word.partition("=") for word in _words(keyword, text)]
    for name, separator, _ in words:
        if not separator or not name:
            raise InputError(f"{keyword} needs name=value, not {name!r}")
    return {name: value for name, _, value in words}


def _words(keyword: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputError(f"{keyword} {text}: {error}") from None


def _ports(word: str) -> list[str]:
    match = _PORT.fullmatch(word)
    if match is None:
        raise InputError(f"EXPOSE needs port[-port][/protocol], not {word!r}")
    first, last, protocol = int(match[1]), int(match[2] or match[1]), (match[3] or "tcp").lower()
    if not 0 < first <= last <= 65535:
        raise InputError(f"EXPOSE {word}: ports go from 1 to 65535")
    return [f"{port}/{protocol}" for port in range(first, last + 1)]


def _nanoseconds(text: str) -> int:
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise InputError(f"{text!r} is not a duration", hint="write it as 30s, 1m30s or 500ms")
    return sum(round(float(number) * _UNITS[unit]) for number, unit in parts)
