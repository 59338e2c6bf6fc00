"""Full and read-only disks, output and processes without end: clear errors, bounded memory, a clean store."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.builder.disturbance import Workshop

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to mount and to run steps"),
]

_MIB = 1 << 20


@contextlib.contextmanager
def _tmpfs(directory: Path, options: str) -> Iterator[Path]:
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "store", directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", directory], check=True)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.make(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Workshop]:
    """A store on a disk of 16 MiB."""
    with _tmpfs(tmp_path / "disk", "size=16m") as disk:
        yield Workshop.make(tmp_path, disk / "store")


@pytest.mark.parametrize(
    "instruction",
    [
        "RUN head -c 30000000 /dev/zero > /big",
        "RUN --mount=type=cache,target=/cache head -c 30000000 /dev/zero > /cache/big",
        "COPY big /big",
        "RUN --mount=type=bind,target=/context cat /context/big /context/big /context/big > /big",
    ],
)
def test_a_full_disk_is_a_clear_error_and_leaves_the_store_clean(small: Workshop, instruction: str) -> None:
    (small.directory / "big").write_bytes(os.urandom(20_000_000))
    small.write(f"FROM busybox\nRUN echo before > /before\n{instruction}\n")
    code, _, errors = small("build", ".")
    assert code == 1
    assert "Traceback" not in errors
    assert "no space left on device" in errors.lower()
    small.assert_nothing_is_left()
    # What a cache mount holds is kept, so the disk is still full: make room.
    for cache in (small.root / "caches").glob("*"):
        shutil.rmtree(cache, ignore_errors=True)
    small.assert_the_store_is_clean()
    # There is room again.
    small.write("FROM busybox\nRUN echo before > /before\nRUN echo after > /after\n")
    code, _, errors = small("build", ".")
    assert code == 0, errors
    small.assert_the_store_is_clean()


def test_a_store_that_cannot_be_written_is_a_clear_error(small: Workshop) -> None:
    small.write("FROM busybox\nRUN true\n")
    assert small("build", "-t", "app", ".")[0] == 0
    disk = small.root.parent
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        for arguments in (["build", "."], ["build", "--no-cache", "."], ["rmi", "app"]):
            code, _, errors = small(*arguments)
            assert code == 1, arguments
            assert "Traceback" not in errors
            assert re.search(r"read-?only", errors, re.IGNORECASE), errors
            assert str(small.root) in errors
        # Looking needs nothing to be written.
        assert "app" in small("images")[1]
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    small.assert_the_store_is_clean()


def _peak(process: subprocess.Popen[bytes]) -> int:
    """Run a build to its end; the most memory that its own process has held, in bytes.

    What `wait` says of that counts the memory that the test itself held when it started the process.
    """
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    drains = [threading.Thread(target=_drain, args=(stream,)) for stream in streams]
    for drain in drains:
        drain.start()
    peak = 0
    while process.poll() is None:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        peak = max(peak, int(found[1]) * 1024 if found else 0)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    for drain in drains:
        drain.join()
    return peak


def _drain(stream: IO[bytes]) -> None:
    while stream.read(1 << 16):
        continue


@pytest.mark.slow
@pytest.mark.parametrize("progress", ["plain", "quiet", "rawjson"])
@pytest.mark.parametrize(
    "command",
    ["yes 'a line of some words, as programs print them' | head -c 200000000", "head -c 200000000 /dev/zero"],
    ids=["lines", "no-lines"],
)
def test_endless_output_does_not_fill_memory(workshop: Workshop, progress: str, command: str) -> None:
    workshop.write(f"FROM busybox\nRUN {command}\nRUN exit 3\n")
    with workshop.start("build", "--progress", progress, ".") as process:
        assert 0 < _peak(process) < 120 * _MIB
    assert process.returncode == 1
    assert sum(file.stat().st_size for file in (workshop.root / "builds").iterdir()) < 8 * _MIB


@pytest.mark.slow
def test_processes_without_end_stay_within_their_limit(workshop: Workshop) -> None:
    """A bounded fork bomb: 200 processes are asked for, 20 are allowed; the shell counts them without another one."""
    bomb = "(for i in $(seq 200); do sleep 300 & done) 2>/dev/null"
    workshop.write(f"FROM busybox\nRUN {bomb}; set -- /proc/[0-9]*; echo there are $#\n")
    _, _, errors = workshop("build", "--pids-limit", "20", ".")
    assert "Traceback" not in errors
    found = re.search(r"^#\d+ [\d.]+ there are (\d+)$", errors, re.MULTILINE)
    assert found is not None, errors
    assert 10 < int(found[1]) <= 20
    workshop.assert_nothing_is_left()
    workshop.assert_the_store_is_clean()


@pytest.mark.slow
def test_memory_without_end_stays_within_its_limit(workshop: Workshop) -> None:
    # 100 MB of one line: busybox's tail keeps it all.
    workshop.write("FROM busybox\nRUN head -c 100000000 /dev/zero | tail -n 1 > /dev/null\n")
    assert workshop("build", "--memory", "300m", "--no-cache", ".")[0] == 0
    code, _, errors = workshop("build", "--memory", "30m", "--memory-swap", "30m", "--no-cache", ".")
    assert code == 1
    assert "ended with exit code 137" in errors
    assert "Traceback" not in errors
    workshop.assert_nothing_is_left()
    workshop.assert_the_store_is_clean()


def test_writing_without_end_stays_within_the_size_of_a_tmpfs(workshop: Workshop) -> None:
    workshop.write(
        "FROM busybox\n"
        "RUN --mount=type=tmpfs,target=/t,size=1m head -c 50000000 /dev/zero > /t/big; wc -c < /t/big > /size\n"
        "RUN head -c 50000000 /dev/zero > /dev/shm/big; wc -c < /dev/shm/big >> /size\n"
    )
    code, _, errors = workshop("build", "--shm-size", "2m", "-t", "app", ".")
    assert code == 0, errors
    assert workshop("run", "--rm", "app", "cat", "/size")[1].split() == ["1048576", "2097152"]
