"""A directory tree that answers as the kernel's second version of control groups does (cgroup-v2.rst).

It knows which controllers a group has and hands down, that a group which hands some down holds no process, who may
write where, and that to move a process takes the right to write in the group above both places.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from dockerlang.runtime import cgroup_files, cgroup_parents, cgroups
from dockerlang.runtime.hierarchies import Hierarchy

_FILES = {
    "memory": ("memory.max", "memory.low", "memory.swap.max"),
    "cpu": ("cpu.max", "cpu.weight"),
    "pids": ("pids.max",),
    "cpuset": ("cpuset.cpus", "cpuset.mems"),
}
_CORE = ("cgroup.controllers", "cgroup.subtree_control", "cgroup.procs")


class FakeKernel:
    """The hierarchy below `top`; `writable` are the groups that were handed over to this user (None for root)."""

    def __init__(self, top: Path, controllers: str, *, is_machine: bool = True) -> None:
        self.top = top
        self.writable: set[Path] | None = None
        self.vanished: set[str] = set()
        self.arriving: list[str] = []
        self._is_machine = is_machine
        top.mkdir()
        self._fill(top, controllers.split())

    def install(self, monkeypatch: pytest.MonkeyPatch, own: str) -> None:
        """Let the product see this instead of the machine's, and itself in the group `own`."""
        hierarchy = Hierarchy(self.top, "/", frozenset(self._words(self.top, "cgroup.controllers")), is_unified=True)
        monkeypatch.setattr(cgroups, "mounted_hierarchies", lambda: (hierarchy,))
        monkeypatch.setattr(cgroup_parents, "own_groups", lambda: {frozenset(): own})
        monkeypatch.setattr(os, "access", lambda path, mode: self._may_write(Path(path)))
        for name in ("make", "write", "remove"):
            monkeypatch.setattr(cgroup_files, name, getattr(self, name))

    def group(self, path: str, *, processes: Iterable[str] = (), hands_down: str = "") -> Path:
        """Make a group with all above it, as the administration does."""
        directory = self.top
        for part in Path(path).parts:
            directory = directory / part
            if not directory.exists():
                directory.mkdir()
                self._fill(directory, self._words(directory.parent, "cgroup.subtree_control"))
        (directory / "cgroup.procs").write_text("".join(f"{process}\n" for process in processes))
        if hands_down:
            self._enable(directory, hands_down.split())
        return directory

    def processes(self, group: Path) -> list[str]:
        return self._words(group, "cgroup.procs")

    def handed_down(self, group: Path) -> set[str]:
        return set(self._words(group, "cgroup.subtree_control"))

    # What the product does

    def make(self, directory: Path) -> bool:
        if directory.exists():
            return False
        if not directory.parent.exists():
            self.make(directory.parent)
        if not self._may_write(directory.parent):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(directory))
        directory.mkdir()
        self._fill(directory, self._words(directory.parent, "cgroup.subtree_control"))
        if self.writable is not None:
            self.writable.add(directory)
        return True

    def remove(self, directory: Path, tries: int = 1) -> None:
        if self.processes(directory) or any(path.is_dir() for path in directory.iterdir()):
            raise AssertionError(f"{directory} is in use")
        for path in directory.iterdir():
            path.unlink()
        directory.rmdir()

    def write(self, path: Path, text: str) -> None:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if not self._may_write(path.parent):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        match path.name:
            case "cgroup.subtree_control":
                wanted = [word.removeprefix("+") for word in text.split()]
                if set(wanted) - set(self._words(path.parent, "cgroup.controllers")):
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
                if self.processes(path.parent) and not self._is_top(path.parent):
                    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))
                self._enable(path.parent, wanted)
            case "cgroup.procs":
                self._move(text, path.parent)
            case _:
                path.write_text(text)

    def _move(self, process: str, target: Path) -> None:
        if self.handed_down(target) and not self._is_top(target):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(target))
        source = next(path.parent for path in self.top.rglob("cgroup.procs") if process in self.processes(path.parent))
        if not self._may_write(Path(os.path.commonpath([source, target]))):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
        left = [other for other in self.processes(source) if other != process]
        if self.arriving:
            left.append(self.arriving.pop())
        (source / "cgroup.procs").write_text("".join(f"{other}\n" for other in left))
        if process in self.vanished:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        with (target / "cgroup.procs").open("a") as file:
            file.write(f"{process}\n")

    def _fill(self, directory: Path, controllers: Iterable[str]) -> None:
        for name in _CORE:
            (directory / name).write_text("")
        self._offer(directory, controllers)

    def _offer(self, directory: Path, controllers: Iterable[str]) -> None:
        have = self._words(directory, "cgroup.controllers")
        new = [name for name in controllers if name not in have]
        (directory / "cgroup.controllers").write_text(" ".join([*have, *new]) + "\n")
        for name in new if directory != self.top else []:
            for file in _FILES[name]:
                (directory / file).write_text("")

    def _enable(self, directory: Path, controllers: Iterable[str]) -> None:
        enabled = sorted({*self.handed_down(directory), *controllers})
        (directory / "cgroup.subtree_control").write_text(" ".join(enabled) + "\n")
        for path in directory.iterdir():
            if path.is_dir():
                self._offer(path, enabled)

    def _is_top(self, directory: Path) -> bool:
        """Only the top of the machine is free of the rule; a container's is some other group of it."""
        return self._is_machine and directory == self.top

    def _may_write(self, directory: Path) -> bool:
        return self.writable is None or directory in self.writable

    def _words(self, directory: Path, name: str) -> list[str]:
        return (directory / name).read_text().split()
