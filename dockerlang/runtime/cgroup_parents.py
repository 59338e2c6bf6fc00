"""Where a control group may be made: below one of ours at the top, below a given one, or in that of this program.

In version 2 a group hands its controllers down to those in it, and then must hold no process itself (the top aside).
Systemd lends groups to users: there this program makes room by moving whatever is in its group into a leaf of that.
See cgroup-v2.rst, "Top-down Constraint", "No Internal Process Constraint" and "Delegation".
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from dockerlang.runtime import cgroup_files
from dockerlang.runtime.hierarchies import Hierarchy, own_directory, own_groups

GROUP = "dockerlang"
_OWN_LEAF = "dockerlang-itself"
_TRIES = 10  # to move processes of a group that starts new ones meanwhile


class NoControlGroup(OSError):
    """The kernel or this machine's administration does not let us make such a group; the text is the reason."""


def parent_for(hierarchy: Hierarchy, controllers: tuple[str, ...], given: str = "") -> Path:
    """The group to make a new one in, with these controllers handed down to it. Raises OSError."""
    top = hierarchy.mount
    parent = top / (slices(given) if given else GROUP)
    is_new = False
    try:
        is_new = cgroup_files.make(parent)
        if hierarchy.is_unified:
            _hand_down(top, parent, controllers)
        elif "cpuset" in hierarchy.controllers:
            inherit_cpuset(top, parent)
        if os.access(parent, os.W_OK):
            return parent
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(parent))
    except OSError:
        if is_new:
            cgroup_files.remove(parent)
        own = None if given or not hierarchy.is_unified else own_directory(hierarchy, own_groups())
        if own is None:
            raise
        return make_room(own, controllers)


def make_room(own: Path, controllers: tuple[str, ...]) -> Path:
    """Prepare the group of this program, or the one above if room was made before. Raises OSError."""
    if own.name == _OWN_LEAF:
        own = own.parent
    available = cgroup_files.read(own / "cgroup.controllers").split()
    missing = [name for name in controllers if name not in available]
    if missing:
        raise NoControlGroup(errno.EACCES, f"the control group of this program may not limit {' and '.join(missing)}")
    leaf = own / _OWN_LEAF
    cgroup_files.make(leaf)
    _move_all(own, leaf)
    _hand_down(own, own, controllers)
    return own


def inherit_cpuset(top: Path, directory: Path) -> None:
    """In version 1 a new cpuset is empty, and nothing can join it before it has processors and memory."""
    above = top
    for part in directory.relative_to(top).parts:
        below = above / part
        for name in ("cpuset.cpus", "cpuset.mems"):
            if not cgroup_files.read(below / name).strip():
                cgroup_files.write(below / name, cgroup_files.read(above / name).strip())
        above = below


def slices(parent: str) -> str:
    """The path of a parent; a lone `a-b.slice` is systemd's name for `a.slice/a-b.slice`."""
    path = parent.strip("/")
    if "/" in path or not path.endswith(".slice"):
        return path
    words = path.removesuffix(".slice").split("-")
    return "/".join(f"{'-'.join(words[: number + 1])}.slice" for number in range(len(words)))


def _hand_down(top: Path, parent: Path, controllers: tuple[str, ...]) -> None:
    """Enable the controllers for the children of every group from `top` to `parent`."""
    path = top
    for name in ("", *parent.relative_to(top).parts):
        path = path / name
        enabled = cgroup_files.read(path / "cgroup.subtree_control").split()
        absent = [controller for controller in controllers if controller not in enabled]
        if absent:
            cgroup_files.write(path / "cgroup.subtree_control", " ".join(f"+{controller}" for controller in absent))


def _move_all(source: Path, target: Path) -> None:
    """Move all processes of a group, those included that they start meanwhile."""
    for _ in range(_TRIES):
        processes = cgroup_files.read(source / "cgroup.procs").split()
        if not processes:
            return
        if "0" in processes:
            raise NoControlGroup(errno.EBUSY, "the control group of this program holds processes out of its sight")
        for process in processes:
            try:
                cgroup_files.write(target / "cgroup.procs", process)
            except ProcessLookupError:
                # It has ended meanwhile.
                continue
    raise NoControlGroup(errno.EBUSY, "the control group of this program is busy starting processes")
