"""The hierarchies of control groups that this machine has mounted, and where in them this process is.

Version 1 has a hierarchy for each controller or a few of them, version 2 one for all; a machine may have both.
See cgroups(7) and proc(5), `/proc/[pid]/mountinfo`.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from dockerlang.records import record

_ESCAPED = re.compile(r"\\([0-7]{3})")


@record
class Hierarchy:
    """One that is mounted at `mount`, which shows it from the group `root` on.

    `controllers` are those of version 1 that it was mounted with (or `name=` and its name), or those that version 2
    offers there.
    """

    mount: Path
    root: str
    controllers: frozenset[str]
    is_unified: bool

    def place_of(self, group: str) -> Path | None:
        """The directory of a group; None for one that this mount does not show."""
        # A group outside of our namespace has a name that leads out of it.
        relative = posixpath.relpath(group, self.root)
        is_outside = group.startswith("/..") or relative.split("/")[0] == ".."
        return None if is_outside else self.mount / relative


@lru_cache(maxsize=1)
def mounted_hierarchies() -> tuple[Hierarchy, ...]:
    """Each hierarchy once, from where it was mounted first; remembered, since mounts like these hardly ever change."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return parse_mounts(file.read())


def parse_mounts(text: str) -> tuple[Hierarchy, ...]:
    """The hierarchies in a `mountinfo`."""
    found: dict[str, Hierarchy] = {}
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind not in {"cgroup", "cgroup2"}:
            continue
        _, _, device, root, place, *_ = before.split(" ")
        mount = Path(_unescaped(place))
        is_unified = kind == "cgroup2"
        controllers = _offered(mount) if is_unified else frozenset(options.split(",")) - {"rw", "ro"}
        found.setdefault(device, Hierarchy(mount, _unescaped(root), controllers, is_unified))
    return tuple(found.values())


def own_groups(path: str = "/proc/self/cgroup") -> dict[frozenset[str], str]:
    """The names of the groups that this process is in, by their hierarchy's controllers; version 2 has none there."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.rstrip("\n").split(":", 2) for line in file]
    return {frozenset(controllers.split(",")) - {""}: group for _, controllers, group in lines}


def own_directory(hierarchy: Hierarchy, groups: dict[frozenset[str], str]) -> Path | None:
    """The directory of the group that this process is in, as seen through the mount."""
    for controllers, group in groups.items():
        if (not controllers) if hierarchy.is_unified else (controllers and controllers <= hierarchy.controllers):
            return hierarchy.place_of(group)
    return None


def _offered(mount: Path) -> frozenset[str]:
    try:
        return frozenset((mount / "cgroup.controllers").read_text().split())
    except OSError:
        return frozenset()


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), text)
