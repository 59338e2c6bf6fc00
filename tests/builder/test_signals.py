"""A build that is interrupted, told to end or killed at any moment leaves nothing, and the next one goes on from it."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.builder.disturbance import Workshop

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps"),
]

_ROUNDS = 10
_STEPS = 6
_DOCKERFILE = """\
FROM busybox AS side
RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/big (sleep 0.02 & sleep 0.03; echo side > /side)
FROM busybox
COPY many /many
RUN mkdir /d && for i in $(seq 300); do echo $i > /d/$i; done; sleep 0.03
COPY Dockerfile /copied
RUN sleep 1000 & sleep 0.05; rm -r /d
COPY --from=side /side /side
"""


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    workshop = Workshop.make(tmp_path)
    (workshop.directory / "many").mkdir()
    for number in range(300):
        (workshop.directory / "many" / str(number)).write_text(str(number) * 100)
    workshop.write(_DOCKERFILE)
    return workshop


def _has_reached(process: subprocess.Popen[bytes], words: bytes) -> None:
    assert process.stderr is not None
    while words not in (line := process.stderr.readline()):
        assert line, "the build has ended before"


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_build_ended_at_any_moment_leaves_nothing_behind(workshop: Workshop, number: signal.Signals) -> None:
    begun = time.monotonic()
    assert workshop("build", "--no-cache", ".")[0] == 0
    whole = time.monotonic() - begun
    workshop("builder", "prune", "-af")
    moments = random.Random(number)
    ended_early = 0
    for _ in range(_ROUNDS):
        with workshop.start("build", "-t", "app", ".") as process:
            try:
                process.wait(moments.uniform(0.05, 0.8) * whole)
            except subprocess.TimeoutExpired:
                process.send_signal(number)
            sent = time.monotonic()
            _, errors = process.communicate(timeout=30)
            assert time.monotonic() - sent < 1
        assert b"Traceback" not in errors, errors
        ended_early += process.returncode != 0
        assert process.returncode in {0, -number, 128 + number}
        workshop.assert_nothing_is_left()
        workshop.assert_the_store_is_clean()
        if process.returncode == 0:
            workshop("rmi", "app")
            workshop("builder", "prune", "-af")
        # What was done is done: it comes from the cache now, unless the build died before it could say so.
        done = set(re.findall(rb"^#(\d+) DONE", errors, re.MULTILINE)) if process.returncode else set()
        code, _, again = workshop("build", ".")
        assert code == 0, again
        assert len(re.findall(r"^#\d+ CACHED", again, re.MULTILINE)) >= len(done)
        workshop("builder", "prune", "-af")
    assert ended_early > 0, "no build was disturbed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_build_that_is_told_to_end_ends_within_a_second(workshop: Workshop, number: signal.Signals) -> None:
    workshop.write("FROM busybox\nRUN trap '' INT TERM; (trap '' INT TERM; sleep 500) & echo begun; sleep 500\n")
    with workshop.start("build", ".") as process:
        _has_reached(process, b" begun\n")
        sent = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert time.monotonic() - sent < 1
    assert process.returncode == 128 + number
    assert b"Traceback" not in errors
    workshop.assert_nothing_is_left()
    # Nothing is left for the next operation to clear away either.
    for name in ("ingest", "work", "leases"):
        assert list((workshop.root / name).iterdir()) == []
    assert "cancelled" in workshop("builds")[1]


def test_steps_that_were_done_stay_done(workshop: Workshop) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        first, last = (f"echo {number.name} {word}" for word in ("first", "last"))
        workshop.write(f"FROM busybox\nRUN {first}\nRUN {last}; sleep 500\n")
        with workshop.start("build", ".") as process:
            _has_reached(process, f" {number.name} last".encode())
            # The line of the instruction has these words, too; that of its output comes next.
            process.send_signal(number)
            process.communicate(timeout=30)
        workshop.assert_nothing_is_left()
        workshop.write(f"FROM busybox\nRUN {first}\nRUN {last}\n")
        code, _, errors = workshop("build", ".")
        assert code == 0
        assert re.findall(r"^#\d+ (CACHED|DONE)", errors, re.MULTILINE) == ["CACHED", "DONE"]
        workshop.assert_the_store_is_clean()


def test_a_child_of_the_build_that_dies_is_a_clear_error(workshop: Workshop) -> None:
    """The process that forks for the build is killed, as by the kernel when memory runs out."""
    workshop.write("FROM busybox\nRUN echo begun; sleep 500\n")
    with workshop.start("build", ".") as process:
        _has_reached(process, b" begun\n")
        (outer,) = _children(process.pid)
        (server,) = _children(outer)
        os.kill(server, signal.SIGKILL)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert b"the fork server has ended" in errors
    workshop.assert_nothing_is_left()
    workshop.assert_the_store_is_clean()
