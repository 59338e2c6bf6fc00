"""What the rules on yum, dnf and zypper share: how a package names its version, and what counts as cleaning up."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerlang.semantics.scripts import Invocation

_VERSION = re.compile(r"-(?:[0-9]|\$)")
YUM_ANSWERS = ("y", "yes", "assumeyes")


def is_pinned(package: str) -> bool:
    """Whether a package names a version: `name-1.2`, a file, or a module's stream `name:1`."""
    if package.endswith(".rpm") or "://" in package:
        return True
    return _VERSION.search(package) is not None


def is_module_pinned(module: str) -> bool:
    """Whether a module names its stream."""
    return ":" in module


def uncleaned(
    invocations: Iterable[Invocation], tool: str, verbs: tuple[str, ...], what: tuple[str, ...]
) -> Invocation | None:
    """The first command of `tool` that fills its cache with no `clean` of it after that; None where there is none."""
    pending: Invocation | None = None
    for invocation in invocations:
        if invocation.name != tool:
            continue
        if invocation.has_argument("clean", "cc") and (not what or invocation.has_argument(*what)):
            pending = None
        elif invocation.has_argument(*verbs):
            pending = pending or invocation
    return pending
