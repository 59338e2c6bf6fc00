"""Roots to run processes in, and the runtime that runs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dockerlang.runtime.namespaces import NamespaceRuntime, Snapshots
from dockerlang.runtime.oci import OWN, runtime_called
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


@pytest.fixture(scope="session", params=[OWN, "runc"])
def runtime(request: pytest.FixtureRequest) -> Iterator[NamespaceRuntime]:
    """Both runtimes, each of which has to pass every test."""
    if request.param != OWN and shutil.which(request.param) is None and os.environ.get("CI") != "true":
        pytest.skip(f"needs {request.param}")
    with runtime_called(request.param) as opened:
        yield opened


@pytest.fixture(scope="session")
def own_runtime() -> Iterator[NamespaceRuntime]:
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


@pytest.fixture(scope="session")
def oci_runtime() -> Iterator[NamespaceRuntime]:
    if shutil.which("runc") is None and os.environ.get("CI") != "true":
        pytest.skip("needs runc")
    with runtime_called("runc") as opened:
        yield opened


@pytest.fixture
def oci_box(oci_runtime: NamespaceRuntime, tree: Path, tmp_path: Path) -> Box:
    return Box(oci_runtime, (tree,), tmp_path / "oci")


@pytest.fixture
def own_box(own_runtime: NamespaceRuntime, tree: Path, tmp_path: Path) -> Box:
    """For what an OCI runtime does in its own way, or not at all: see `dockerlang.runtime.oci`."""
    return Box(own_runtime, (tree,), tmp_path / "own")
