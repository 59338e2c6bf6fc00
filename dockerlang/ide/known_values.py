"""The values that an editor can offer where an instruction takes one of few: ports, signals, shells."""

from __future__ import annotations

from dockerlang.semantics.signals import SIGNALS
from dockerlang.syntax import nodes

_PORTS = {
    "80": "HTTP",
    "443": "HTTPS",
    "3000": "development servers",
    "3306": "MySQL",
    "5432": "PostgreSQL",
    "6379": "Redis",
    "8000": "HTTP, Python",
    "8080": "HTTP, unprivileged",
    "8443": "HTTPS, unprivileged",
    "9090": "Prometheus",
    "27017": "MongoDB",
}
# Those that programs end or reload by come first.
_USUAL_SIGNALS = ("TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "WINCH", "KILL")
_SHELLS = {
    '["/bin/sh", "-c"]': "the default",
    '["/bin/bash", "-o", "pipefail", "-c"]': "fails where a part of a pipe fails",
    '["/bin/ash", "-eo", "pipefail", "-c"]': "the same in Alpine",
    '["powershell", "-Command"]': "Windows",
}


def known_values(instruction: nodes.Instruction) -> dict[str, str]:
    """The values for the first word of an instruction, the likeliest first, each with what it is; empty for most."""
    match instruction:
        case nodes.Expose():
            return _PORTS
        case nodes.StopSignal():
            names = dict.fromkeys((*_USUAL_SIGNALS, *(name for name in SIGNALS if not name.startswith("RT"))))
            return {f"SIG{name}": str(SIGNALS[name]) for name in names}
        case nodes.Shell():
            return _SHELLS
        case _:
            return {}
