"""Roots to run processes in, and the runtime that runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dockerlang.runtime.namespaces import NamespaceRuntime, Snapshots
from dockerlang.runtime.output import Stream
from dockerlang.runtime.process import Process
from dockerlang.runtime.root import Root
from dockerlang.text import decode
from tests.runtime.busybox_tree import PATH, make_tree


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs root where there is none; in CI it must run, and fails if it cannot."""
    if os.environ.get("CI") == "true" or os.geteuid() == 0:
        return
    for item in items:
        if "root" in item.keywords and item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason="needs root"))


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of busybox; not to be changed."""
    return make_tree(tmp_path_factory.mktemp("tree") / "fs")


@pytest.fixture(scope="session")
def runtime() -> Iterator[NamespaceRuntime]:
    with NamespaceRuntime() as opened:
        yield opened


@pytest.fixture(scope="session")
def copying_runtime() -> Iterator[NamespaceRuntime]:
    with NamespaceRuntime(Snapshots.COPY) as opened:
        yield opened


@dataclass
class Outcome:
    """What came of a process."""

    status: int
    stdout: str
    stderr: str
    root: Root


class Box:
    """Runs shell scripts, each in a new root over the same layers."""

    def __init__(self, runtime: NamespaceRuntime, lowers: tuple[Path, ...], directory: Path) -> None:
        self.runtime = runtime
        self.lowers = lowers
        self.directory = directory
        self._count = 0

    def new_root(self) -> Root:
        self._count += 1
        return Root.create(self.directory / str(self._count), self.lowers, is_volatile=True)

    def run(
        self,
        script: str | Process,
        *,
        timeout: float | None = 30,
        stdin: int | None = None,
        **settings: object,
    ) -> Outcome:
        """Run a script of the shell, or a whole process, with changed settings."""
        process = Process(("/bin/sh", "-c", script), (PATH,)) if isinstance(script, str) else script
        root = self.new_root()
        output: dict[Stream, bytes] = {Stream.STDOUT: b"", Stream.STDERR: b""}

        def sink(stream: Stream, data: bytes) -> None:
            output[stream] += data

        process = replace(process, **settings)  # type: ignore[arg-type]
        status = self.runtime.run(process, root, sink=sink, timeout=timeout, stdin=stdin)
        return Outcome(status, decode(output[Stream.STDOUT]), decode(output[Stream.STDERR]), root)


@pytest.fixture
def box(runtime: NamespaceRuntime, tree: Path, tmp_path: Path) -> Box:
    return Box(runtime, (tree,), tmp_path / "roots")


@pytest.fixture
def copying_box(copying_runtime: NamespaceRuntime, tree: Path, tmp_path: Path) -> Box:
    return Box(copying_runtime, (tree,), tmp_path / "copied")
