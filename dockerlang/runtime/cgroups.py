"""Control groups for processes with limits, in both of the kernel's versions, wherever this machine lets us make them.

Version 1 has a hierarchy for each controller, version 2 one for all; a machine may have both. Ours are made below a
group `dockerlang` at the top of a hierarchy, or below the one that the caller names. Where that is forbidden (an
ordinary user) the group this program is in does as well, if it was handed over to the user, as
`systemd-run --user --scope -p Delegate=yes` does.
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

from dockerlang.records import record
from dockerlang.runtime.cgroup_settings import settings_for
from dockerlang.runtime.limits import Resources

_GROUP = "dockerlang"
_OWN_LEAF = "dockerlang-itself"
_OURS = re.compile(r"\d+-\d+-\d+")
_CONTROLLERS = ("memory", "cpu", "cpuset", "pids")
_WAIT, _TRIES = 0.01, 50  # seconds between tries to remove a group whose last process is just being buried


class NoControlGroup(OSError):
    """The kernel or this machine's administration does not let us make such a group; the text is the reason."""


@dataclass(slots=True)
class ControlGroup:
    """A group for one process, which `join`s it by itself; `close` removes it when the process tree is gone."""

    directories: tuple[Path, ...]
    _locks: tuple[int, ...] = ()

    def close(self) -> None:
        """Remove the group; what cannot be removed now is left to whoever makes the next one."""
        for directory in self.directories:
            _remove(directory)
        for lock in self._locks:
            os.close(lock)
        self.directories, self._locks = (), ()


@dataclass(slots=True)
class ForeignGroup(ControlGroup):
    """A group that an OCI runtime makes for itself, at `path` in every hierarchy, and leaves behind if it is killed."""

    path: str = ""

    def close(self) -> None:
        """Remove what is left of it."""
        for hierarchy in _hierarchies():
            _remove(hierarchy.mount / self.path.lstrip("/"))


def group_of_another(parent: str) -> ForeignGroup:
    """A name for a group that somebody else is to make."""
    return ForeignGroup((), path=f"/{_slices(parent) or _GROUP}/{os.getpid()}-{time.monotonic_ns()}-0")


def make_control_group(resources: Resources) -> ControlGroup | None:
    """A new group with these limits; None where there are none to set. Raises `NoControlGroup`."""
    if not resources:
        return None
    made: dict[Path, int] = {}
    try:
        for hierarchy, controllers in _needed(resources):
            parent = _parent(hierarchy, controllers, resources.parent)
            _sweep(parent)
            directory, lock = _make(parent)
            made[directory] = lock
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
        _write(directory / "cgroup.procs", "0")


@record
class _Hierarchy:
    mount: Path
    root: str
    controllers: frozenset[str]
    is_unified: bool


def _needed(resources: Resources) -> Iterator[tuple[_Hierarchy, tuple[str, ...]]]:
    """The hierarchies to make a group in, each with those of its controllers that get a limit."""
    wanted = [name for name in _CONTROLLERS if settings_for(name, resources, is_unified=False)]
    hierarchies = list(_hierarchies())
    missing = [name for name in wanted if not any(name in hierarchy.controllers for hierarchy in hierarchies)]
    if missing:
        raise NoControlGroup(errno.ENODEV, f"this machine has no control groups for {' and '.join(missing)}")
    for hierarchy in hierarchies:
        controllers = tuple(name for name in wanted if name in hierarchy.controllers)
        # A given parent is asked for whatever its own limits are for.
        if controllers or (resources.parent and hierarchy.controllers & set(_CONTROLLERS)):
            yield hierarchy, controllers


def _hierarchies() -> Iterator[_Hierarchy]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            before, _, after = line.partition(" - ")
            kind, _, options = after.split()
            root, place = before.split()[3:5]
            if kind == "cgroup2":
                known = Path(place, "cgroup.controllers").read_text().split()
                yield _Hierarchy(Path(place), root, frozenset(known), is_unified=True)
            elif kind == "cgroup":
                yield _Hierarchy(Path(place), root, frozenset(options.split(",")), is_unified=False)


def _parent(hierarchy: _Hierarchy, controllers: tuple[str, ...], given: str) -> Path:
    """The group to make the new one in, with the controllers handed down to it."""
    top = hierarchy.mount
    parent = top / (_slices(given) if given else _GROUP)
    try:
        parent.mkdir(exist_ok=True, parents=True)
        if hierarchy.is_unified:
            _hand_down(top, parent, controllers)
        elif "cpuset" in controllers:
            _inherit_cpuset(top, parent)
        if os.access(parent, os.W_OK):
            return parent
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(parent))
    except OSError:
        own = _own(hierarchy)
        if given or own is None or not hierarchy.is_unified:
            raise
        return _in_own(own, controllers)


def _own(hierarchy: _Hierarchy) -> Path | None:
    """The group this program is in, as seen through the mount."""
    with open("/proc/self/cgroup", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            number, _, path = line.rstrip("\n").split(":", 2)
            if number == "0":
                relative = os.path.relpath(path, hierarchy.root)
                return None if relative.startswith("..") else hierarchy.mount / relative
    return None


def _in_own(own: Path, controllers: tuple[str, ...]) -> Path:
    """Make room in our own group, which must hold no process itself if groups in it are to have limits."""
    if own.name == _OWN_LEAF:
        return own.parent
    available = (own / "cgroup.controllers").read_text().split()
    missing = [name for name in controllers if name not in available]
    if missing:
        raise NoControlGroup(errno.EACCES, f"the control group of this program may not limit {' and '.join(missing)}")
    leaf = own / _OWN_LEAF
    leaf.mkdir(exist_ok=True)
    for process in (own / "cgroup.procs").read_text().split():
        _write(leaf / "cgroup.procs", process)
    _hand_down(own, own, controllers)
    return own


def _hand_down(top: Path, parent: Path, controllers: tuple[str, ...]) -> None:
    """Enable the controllers for the children of every group from `top` to `parent`."""
    path = top
    for name in ("", *parent.relative_to(top).parts):
        path = path / name
        enabled = (path / "cgroup.subtree_control").read_text().split()
        absent = [controller for controller in controllers if controller not in enabled]
        if absent:
            _write(path / "cgroup.subtree_control", " ".join(f"+{controller}" for controller in absent))


def _inherit_cpuset(top: Path, directory: Path) -> None:
    """In version 1 a new cpuset is empty, and nothing can join it before it has processors and memory."""
    above = top
    for part in directory.relative_to(top).parts:
        below = above / part
        for name in ("cpuset.cpus", "cpuset.mems"):
            if not (below / name).read_text().strip():
                _write(below / name, (above / name).read_text().strip())
        above = below


def _make(parent: Path) -> tuple[Path, int]:
    """A new directory and the lock that says it is in use."""
    number = 0
    while True:
        directory = parent / f"{os.getpid()}-{time.monotonic_ns()}-{number}"
        number += 1
        try:
            directory.mkdir()
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileExistsError, FileNotFoundError):
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
            directory.rmdir()
        except OSError:
            # In use, or not empty yet.
            continue
        finally:
            os.close(lock)


def _limit(directory: Path, controller: str, resources: Resources, *, is_unified: bool) -> None:
    if not is_unified and controller == "cpuset":
        _inherit_cpuset(directory.parent, directory)
    for name, value in settings_for(controller, resources, is_unified=is_unified):
        try:
            _write(directory / name, value)
        except FileNotFoundError:
            # A kernel without accounting of swap has no limit for it, and no machine to speak of uses it.
            if "swap" not in name and "memsw" not in name:
                raise


def _slices(parent: str) -> str:
    """The path of a parent; a lone `a-b.slice` is systemd's name for `a.slice/a-b.slice`."""
    path = parent.strip("/")
    if "/" in path or not path.endswith(".slice"):
        return path
    words = path.removesuffix(".slice").split("-")
    return "/".join(f"{'-'.join(words[: number + 1])}.slice" for number in range(len(words)))


def _remove(directory: Path) -> None:
    for _ in range(_TRIES):
        try:
            directory.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY:
                return
            time.sleep(_WAIT)
        else:
            return


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "this user may not make control groups here (`systemd-run --user --scope -p Delegate=yes` helps)"
        case errno.EBUSY:
            return "the control group of this program holds other processes"
        case errno.EINVAL | errno.ERANGE:
            return f"the kernel does not take that value for {os.path.basename(error.filename or 'it')}"
    where = f": {error.filename}" if error.filename else ""
    return f"{error.strerror}{where}"
