"""Where package managers keep what the image does not need, and how a RUN keeps it out: mounts, or removal."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.semantics.scripts import Invocation
from dockerlang.syntax import nodes

_OUTSIDE = frozenset({"cache", "tmpfs"})


def mounted(run: nodes.Run) -> tuple[str, ...]:
    """The directories of a RUN that are mounts, whose content does not become part of the image."""
    targets = []
    for mount in run.mounts:
        option = mount.option("target", "dst", "destination")
        if mount.type in _OUTSIDE and option is not None and option.value is not None:
            targets.append(option.value.text.strip("\"'").rstrip("/"))
    return tuple(targets)


def covers(run: nodes.Run, directory: str) -> bool:
    """Whether a mount of the RUN holds a directory: itself or one above it."""
    return any(directory == target or directory.startswith(f"{target}/") for target in mounted(run) if target)


def removes(invocations: Iterable[Invocation], *directories: str) -> bool:
    """Whether one of the commands deletes one of the directories or all that is in it."""
    wanted = {form for directory in directories for form in (directory, f"{directory}/", f"{directory}/*")}
    return any(
        invocation.name == "rm" and any(argument.text in wanted for argument in invocation.arguments)
        for invocation in invocations
    )
