"""What an image runs on: operating system, processor architecture and its variant.

Spelling and order of preference follow containerd's rules, which docker and BuildKit share.
"""

from __future__ import annotations

import os
import re
import sys

from dockerlang.errors import InputError
from dockerlang.records import record, replace

_COMPONENT = re.compile(r"[A-Za-z0-9_.-]+")
_SYSTEM = re.compile(r"([A-Za-z0-9_.-]+)(?:\(([A-Za-z0-9_.-]*)\))?")

_SYSTEMS = frozenset(
    {
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "illumos",
        "linux",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "wasip1",
        "windows",
    }
)
_ARCHITECTURES = frozenset(
    {
        "386",
        "amd64",
        "arm",
        "arm64",
        "loong64",
        "mips",
        "mips64",
        "mips64le",
        "mipsle",
        "ppc64",
        "ppc64le",
        "riscv64",
        "s390x",
        "wasm",
    }
)
_ARCHITECTURE_ALIASES = {
    "i386": ("386", ""),
    "i686": ("386", ""),
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
# What `uname` says where it differs from the aliases above.
_MACHINES = {"armv8l": ("arm", "v8"), "armv7l": ("arm", "v7"), "armv6l": ("arm", "v6"), "armv5tel": ("arm", "v5")}


@record(order=True)
class Platform:
    """`linux/arm64`, `linux/arm/v7`, `windows(10.0.17763)/amd64`; `str()` gives that form."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""

    def __str__(self) -> str:
        system = f"{self.os}({self.os_version})" if self.os_version else self.os
        return "/".join(filter(None, (system, self.architecture, self.variant)))


# A 64-bit processor runs the 32-bit programs of its family; any 64-bit image is nearer than the best 32-bit one.
_RUNS_ALSO = {"amd64": Platform("", "386"), "arm64": Platform("", "arm", "v8")}


def parse_platform(text: str) -> Platform:
    """The normalised platform that `text` names: `os`, `architecture`, `os/architecture` or `os/architecture/variant`.

    What is left out is taken from this machine. Raises `InputError` for anything else.
    """
    parts = text.split("/")
    system = _SYSTEM.fullmatch(parts[0])
    if system is None or len(parts) > 3 or not all(_COMPONENT.fullmatch(part) for part in parts[1:]):
        raise InputError(
            f"{text!r} is not a platform", hint="write it as os/architecture[/variant], such as linux/arm64"
        )
    os_name, os_version = system.group(1), system.group(2) or ""
    if len(parts) > 1:
        return normalize(Platform(os_name, parts[1], parts[2] if len(parts) > 2 else "", os_version))
    return _from_one_word(os_name, os_version)


def normalize(platform: Platform) -> Platform:
    """The one spelling of a platform: `x86_64` is `amd64`, `arm` is `arm/v7`, `arm64/v8` is `arm64`."""
    os_name = platform.os.lower()
    architecture, variant = platform.architecture.lower(), platform.variant.lower()
    if architecture in _ARCHITECTURE_ALIASES:
        architecture, implied = _ARCHITECTURE_ALIASES[architecture]
        variant = implied or variant
    if variant.isascii() and variant.isdigit():
        variant = f"v{variant}"
    if architecture == "386" or (architecture, variant) in {("amd64", "v1"), ("arm64", "v8")}:
        variant = ""
    elif architecture == "arm" and not variant:
        variant = "v7"
    return replace(platform, os="darwin" if os_name == "macos" else os_name, architecture=architecture, variant=variant)


def host_platform() -> Platform:
    """The platform of this machine."""
    machine = os.uname().machine.lower()
    architecture, variant = _MACHINES.get(machine, (machine, ""))
    return normalize(Platform(sys.platform, architecture, variant))


def matches(wanted: Platform, offered: Platform) -> bool:
    """Whether an image for `offered` runs where `wanted` is asked for: the same, or an older variant of it."""
    return _distance(normalize(wanted), normalize(offered)) is not None


def best_match(wanted: Platform, offers: tuple[Platform | None, ...]) -> int | None:
    """The index of the offer nearest to `wanted`, the first of equals; None where none runs. Offers may be unknown."""
    best: tuple[int, int] | None = None
    wanted = normalize(wanted)
    for index, offer in enumerate(offers):
        distance = None if offer is None else _distance(wanted, normalize(offer))
        if distance is not None and (best is None or distance < best[0]):
            best = distance, index
    return None if best is None else best[1]


def _from_one_word(word: str, os_version: str) -> Platform:
    host = host_platform()
    guess = normalize(Platform(word, word, "", os_version))
    if guess.os in _SYSTEMS:
        same = guess.os == host.os
        return replace(guess, architecture=host.architecture, variant=host.variant if same else "")
    if guess.architecture in _ARCHITECTURES and not os_version:
        return replace(guess, os=host.os)
    raise InputError(f"{word!r} is neither an operating system nor an architecture that is known")


def _distance(wanted: Platform, offered: Platform) -> int | None:
    """How far `offered` is from what was wanted, 0 for the same; None where it does not run there."""
    if wanted.os != offered.os:
        return None
    if wanted.os_version and offered.os_version and wanted.os_version != offered.os_version:
        return None
    if wanted.architecture != offered.architecture:
        elder = _RUNS_ALSO.get(wanted.architecture)
        further = None if elder is None else _distance(replace(elder, os=wanted.os), offered)
        return None if further is None else further + 100
    if wanted.variant == offered.variant:
        return 0
    wanted_level, offered_level = _level(wanted), _level(offered)
    if wanted_level is None or offered_level is None or offered_level > wanted_level:
        return None
    return wanted_level - offered_level


def _level(platform: Platform) -> int | None:
    """The variant as a number; an absent one is the architecture's first."""
    if not platform.variant:
        return {"amd64": 1, "arm64": 8}.get(platform.architecture)
    digits = platform.variant.removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdigit() else None
