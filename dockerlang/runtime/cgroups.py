"""Control groups for processes with limits, in both of the kernel's versions, wherever this machine lets us make them.

Version 1 has a hierarchy for each controller, version 2 one for all; a machine may have both. Ours are made below a
group `dockerlang` at the top of a hierarchy, or below the one that the caller names. Where that is forbidden (an
ordinary user) the group this program is in does as well, if it was handed over to the user, as
`systemd-run --user --scope -p Delegate=yes` does (`cgroup_parents`).
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dockerlang.runtime import cgroup_files
from dockerlang.runtime.cgroup_parents import GROUP, NoControlGroup, inherit_cpuset, parent_for, slices
from dockerlang.runtime.cgroup_settings import settings_for
from dockerlang.runtime.hierarchies import Hierarchy, mounted_hierarchies
from dockerlang.runtime.limits import Resources

_OURS = re.compile(r"\d+-\d+-\d+")
_CONTROLLERS = ("memory", "cpu", "cpuset", "pids")


@dataclass(slots=True)
class ControlGroup:
    """A group for one process, which `join`s it by itself; `close` removes it when the process tree is gone."""

    directories: tuple[Path, ...]
    _locks: tuple[int, ...] = ()

    def close(self) -> None:
        """Remove the group; what cannot be removed now is left to whoever makes the next one."""
        for directory in self.directories:
            cgroup_files.remove(directory)
        for lock in self._locks:
            os.close(lock)
        self.directories, self._locks = (), ()


@dataclass(slots=True)
class ForeignGroup(ControlGroup):
    """A group that an OCI runtime makes for itself, at `path` in every hierarchy, and leaves behind if it is killed."""

    path: str = ""

    def close(self) -> None:
        """Remove what is left of it."""
        for hierarchy in mounted_hierarchies():
            cgroup_files.remove(hierarchy.mount / self.path.lstrip("/"))


def group_of_another(parent: str) -> ForeignGroup:
    """A name for a group that somebody else is to make."""
    return ForeignGroup((), path=f"/{slices(parent) or GROUP}/{os.getpid()}-{time.monotonic_ns()}-0")


def make_control_group(resources: Resources) -> ControlGroup | None:
    """A new group with these limits; None where there are none to set. Raises `NoControlGroup`."""
    if not resources:
        return None
    made: dict[Path, int] = {}
    try:
        for hierarchy, controllers in _needed(resources):
            parent = parent_for(hierarchy, controllers, resources.parent)
            _sweep(parent)
            directory, lock = _make(parent)
            made[directory] = lock
            if "cpuset" in hierarchy.controllers and not hierarchy.is_unified:
                inherit_cpuset(parent, directory)
            for controller in controllers:
                _limit(directory, controller, resources, is_unified=hierarchy.is_unified)
    except OSError as error:
        ControlGroup(tuple(made), tuple(made.values())).close()
        if isinstance(error, NoControlGroup):
            raise
        raise NoControlGroup(error.errno, _reason(error)) from error
    return ControlGroup(tuple(made), tuple(made.values()))


def control_group_for(resources: Resources) -> ControlGroup | None:
    """A new group with these limits, or None where there are none to set or no way to set them."""
    try:
        return make_control_group(resources)
    except NoControlGroup:
        # Whoever asked for limits has been told by `reason_against`.
        return None


def reason_against(resources: Resources) -> str:
    """Why these limits cannot be kept here; empty where they can be."""
    try:
        group = make_control_group(resources)
    except NoControlGroup as error:
        return error.strerror or str(error)
    if group is not None:
        group.close()
    return ""


def join(directories: tuple[Path, ...]) -> None:
    """Move this process, which has one thread, into the group. Raises OSError."""
    for directory in directories:
        cgroup_files.write(directory / "cgroup.procs", "0")


def _needed(resources: Resources) -> Iterator[tuple[Hierarchy, tuple[str, ...]]]:
    """The hierarchies to make a group in, each with those of its controllers that get a limit."""
    wanted = [name for name in _CONTROLLERS if settings_for(name, resources, is_unified=False)]
    hierarchies = mounted_hierarchies()
    missing = [name for name in wanted if not any(name in hierarchy.controllers for hierarchy in hierarchies)]
    if missing:
        raise NoControlGroup(errno.ENODEV, f"this machine has no control groups for {' and '.join(missing)}")
    for hierarchy in hierarchies:
        controllers = tuple(name for name in wanted if name in hierarchy.controllers)
        # A given parent is asked for whatever its own limits are for.
        if controllers or (resources.parent and hierarchy.controllers & set(_CONTROLLERS)):
            yield hierarchy, controllers


def _make(parent: Path) -> tuple[Path, int]:
    """A new directory and the lock that says it is in use."""
    number = 0
    while True:
        directory = parent / f"{os.getpid()}-{time.monotonic_ns()}-{number}"
        number += 1
        try:
            if not cgroup_files.make(directory):
                continue
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_SH)
        if directory.is_dir():
            return directory, lock
        # Somebody swept it in the moment before the lock.
        os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove the groups that a killed program has left behind."""
    for directory in parent.iterdir():
        if not _OURS.fullmatch(directory.name):
            continue
        try:
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            cgroup_files.remove(directory, tries=2)
        except OSError:
            # In use.
            continue
        finally:
            os.close(lock)


def _limit(directory: Path, controller: str, resources: Resources, *, is_unified: bool) -> None:
    for name, value in settings_for(controller, resources, is_unified=is_unified):
        try:
            cgroup_files.write(directory / name, value)
        except FileNotFoundError:
            # A kernel without accounting of swap has no limit for it, and no machine to speak of uses it.
            if "swap" not in name and "memsw" not in name:
                raise


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.EROFS:
            return "control groups can only be looked at here, as it is inside a container"
        case errno.EACCES | errno.EPERM:
            return "this user may not make control groups here (`systemd-run --user --scope -p Delegate=yes` helps)"
        case errno.EBUSY:
            return "the control group of this program holds other processes"
        case errno.EINVAL | errno.ERANGE:
            return f"the kernel does not take that value for {os.path.basename(error.filename or 'it')}"
    where = f": {error.filename}" if error.filename else ""
    return f"{error.strerror}{where}"
