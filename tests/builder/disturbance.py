"""Builds as a user starts them, to be disturbed: what each has done, and what it leaves behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from dockerlang.store.check import check_store, repair_store
from dockerlang.store.store import Store
from tests.busybox import add_busybox

_PROC = Path("/proc")


@dataclass(frozen=True)
class Workshop:
    """A store with busybox in it and a directory to build from; builds carry a mark to know their processes by."""

    root: Path
    directory: Path
    mark: str

    @classmethod
    def make(cls, directory: Path, root: Path | None = None) -> Workshop:
        """A new one below a directory, or with its store elsewhere."""
        work = directory / "work"
        work.mkdir()
        workshop = cls(root or directory / "store", work, f"DISTURBED={directory}")
        add_busybox(Store.open(workshop.root))
        return workshop

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `dockerlang` with these arguments; its output is to be read from the pipes."""
        name, _, value = self.mark.partition("=")
        return subprocess.Popen(
            [sys.executable, "-m", "dockerlang", "--root", str(self.root), *arguments],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "DOCKERLANG_NO_SYNC": "1", "NO_COLOR": "1", "COLUMNS": "100", name: value},
        )

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Run `dockerlang` to its end: exit code, standard output, standard error."""
        with self.start(*arguments) as process:
            output, errors = process.communicate(timeout=120)
            return process.returncode, output.decode(), errors.decode("utf-8", "replace")

    def write(self, dockerfile: str, **files: str) -> None:
        """Write the Dockerfile, and files beside it; the processes of RUN carry the mark, too."""
        dockerfile = re.sub("(?m)^FROM busybox.*$", rf"\g<0>\nENV {self.mark}", dockerfile)
        for name, text in {"Dockerfile": dockerfile, **files}.items():
            (self.directory / name).write_text(text)

    def processes(self) -> list[str]:
        """The command lines of all processes that a build has started and that still run."""
        found = []
        for entry in _PROC.iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
                if self.mark.encode() in environment:
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue  # it has ended meanwhile
        return found

    def assert_nothing_is_left(self, within: float = 2) -> None:
        """No process of a build, and no mount, after at most so many seconds (the kernel ends namespaces)."""
        deadline = time.monotonic() + within
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert left == [], "processes are left"
        mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        assert [mount for mount in mounts if mount.startswith(f"{self.root}/")] == [], "mounts are left"

    def assert_the_store_is_clean(self) -> None:
        """The store holds what it says, and nothing else once a sweep came by.

        Content without an entry may be left of a transaction that was not to end; content that lacks may not.
        """
        store = Store.open(self.root)
        with store.operation("look"):
            pass
        found = [str(problem) for problem in check_store(store, full=True).problems]
        assert all(problem.endswith(": belongs to nothing") for problem in found), found
        if found:
            with store.operation("sweep") as operation:
                repair_store(operation)
        problems = check_store(store, full=True).problems
        assert problems == (), "\n".join(map(str, problems))
        for parent in (store.layout.ingest, store.layout.work, store.layout.trash):
            assert list(parent.iterdir()) == [], parent
