"""SIGKILL at every system call that changes the disk, of each command that changes the store, SQLite's own included.

strace kills the command when it is about to make its N-th call of a kind. Whatever it was doing: the same command works
when it is called again, the store is sound then, and nothing is left of it after a prune. With `DOCKERLANG_SWEEP=full`
nearly every call is tried, which takes half an hour.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.registry.fake_registry import FakeRegistry, serving
from tests.registry.images import publish

pytestmark = [
    pytest.mark.root,
    pytest.mark.peer,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("strace") and not os.environ.get("CI"), reason="needs strace"),
]

CALLS = (
    "rename",
    "fsync",
    "fdatasync",
    "syncfs",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "symlink",
    "ftruncate",
    "pwrite64",
)
DOCKERFILE = "FROM busybox\nCOPY Dockerfile /copied\nRUN echo 1 > /made; rm -r /tmp\n"
KILLED = -9


@dataclass(frozen=True)
class Bench:
    """A directory with a store in it, and commands on it that wait for the disk as they do for a user."""

    directory: Path
    registry: str

    @property
    def store(self) -> Path:
        return self.directory / "store"

    def __call__(self, *arguments: str, strace: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [*strace, sys.executable, "-m", "dockerlang", "--root", str(self.store), *arguments]
        environment = {**os.environ, "DOCKERLANG_NO_SYNC": "", "NO_COLOR": "1"}
        return subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, env=environment, check=False, timeout=120
        )

    def killed_at(self, call: str, number: int, *arguments: str) -> bool:
        """Run a command until its call with that number; whether it got so far."""
        inject = f"inject={call}:signal=KILL:when={number}"
        strace = ("strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject, "--")
        result = self(*arguments, strace=strace)
        return result.returncode in (KILLED, 128 - KILLED) or "has ended" in result.stderr


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with serving(FakeRegistry()) as registry:
        publish(registry, "app", "1", ({"pulled": b"1" * 5000}, {"more": b"2"}))
        bench = Bench(tmp_path_factory.mktemp("sweep"), f"{registry.address}/app:1")
        add_busybox(Store.open(bench.store))
        (bench.directory / "Dockerfile").write_text(DOCKERFILE)
        for arguments in (
            ("save", "-o", "saved.tar", "busybox"),
            ("build", "-t", "built", "."),
            ("run", "--name", "box", "busybox", "touch", "/touched"),
            ("save", "-o", "built.tar", "built"),
            ("rmi", "built"),
            ("builder", "prune", "-af"),
        ):
            result = bench(*arguments)
            assert result.returncode == 0, result.stderr
        shutil.move(bench.store, bench.directory / "prepared")
        yield bench


def _numbers() -> Iterator[int]:
    """Every one of the first, then ever fewer of what is done over and over."""
    share = 12 if os.environ.get("DOCKERLANG_SWEEP") == "full" else 1
    number = 1
    while True:
        yield number
        number += max(1, number // share)


@pytest.mark.parametrize(
    "arguments",
    [
        ("pull", "REGISTRY"),
        ("build", "-t", "built", "."),
        ("commit", "box", "committed"),
        ("load", "-i", "built.tar"),
        ("rmi", "-f", "busybox"),
        ("system", "prune", "-af"),
        ("builder", "prune", "-af"),
    ],
    ids=lambda arguments: "-".join(arguments[:2]).strip("-."),
)
def test_the_store_is_sound_wherever_a_command_was_killed(bench: Bench, arguments: tuple[str, ...]) -> None:
    arguments = tuple(bench.registry if word == "REGISTRY" else word for word in arguments)
    kills = 0
    for call in CALLS:
        for number in _numbers():
            shutil.rmtree(bench.store, ignore_errors=True)
            subprocess.run(["cp", "-a", bench.directory / "prepared", bench.store], check=True)
            if not bench.killed_at(call, number, *arguments):
                break
            kills += 1
            place = f"killed at {call} {number}"
            again = bench(*arguments)
            assert again.returncode == 0, f"{place}: {again.stderr}"
            assert "Traceback" not in again.stderr, place
            check = bench("system", "check", "--full")
            assert check.returncode == 0, f"{place}: {check.stdout}{check.stderr}"
            for name in bench("images", "-aq").stdout.split():
                assert bench("save", "-o", "whole.tar", name).returncode == 0, f"{place}: {name} is not whole"
            _assert_nothing_is_left(bench, place)
    assert kills > 10


def _assert_nothing_is_left(bench: Bench, place: str) -> None:
    """After all has been removed only the tables and records of builds are there."""
    bench("builder", "prune", "-af")
    pruned = bench("system", "prune", "-af")
    assert pruned.returncode == 0, f"{place}: {pruned.stderr}"
    left = [
        str(path.relative_to(bench.store))
        for name in ("blobs", "indexes", "layers", "containers", "ingest", "work", "trash", "leases", "partial")
        for path in (bench.store / name).rglob("*")
        if not path.is_dir() or path.parent.name in {"layers", "containers", "ingest", "work", "trash"} - {path.name}
    ]
    left = [path for path in left if path not in ("layers/l", "blobs/sha256")]
    assert left == [], place
