"""Limits of a process, how they are said, and that they hold."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dockerlang.errors import UsageError
from dockerlang.runtime import cgroup_files, cgroups
from dockerlang.runtime.cgroup_parents import NoControlGroup
from dockerlang.runtime.cgroup_settings import settings_for, weight_of
from dockerlang.runtime.limits import Resources, Ulimit, parse_size, parse_ulimit
from dockerlang.runtime.protocol import Step
from dockerlang.runtime.running import ProcessNotStarted
from tests.runtime.conftest import Box

# What is said


@pytest.mark.parametrize(
    ("text", "ulimit"),
    [
        ("nofile=100:200", Ulimit("nofile", 100, 200)),
        ("nproc=5", Ulimit("nproc", 5, 5)),
        ("core=-1", Ulimit("core", -1, -1)),
        ("stack=1024:-1", Ulimit("stack", 1024, -1)),
    ],
)
def test_ulimits_are_read(text: str, ulimit: Ulimit) -> None:
    assert parse_ulimit(text) == ulimit


@pytest.mark.parametrize(
    "text", ["as=1", "nofile", "nofile=", "nofile=a", "nofile=3:2", "nofile=-1:5", "core=-2", "=1"]
)
def test_other_ulimits_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_ulimit(text)


@pytest.mark.parametrize(
    ("text", "size"), [("7", 7), ("7b", 7), ("64m", 64 << 20), ("1.5G", 3 << 29), ("2kb", 2048), ("1 MiB", 1 << 20)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "m", "-1", "1x", "1.m", "1e3"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_size(text)


@pytest.mark.parametrize(
    "values",
    [
        {"memory": 1 << 20},
        {"memory_swap": 1 << 30},
        {"memory": 64 << 20, "memory_swap": 32 << 20},
        {"cpuset_cpus": "a"},
        {"cpuset_mems": "0-"},
        {"parent": "/../x"},
    ],
)
def test_limits_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Resources(**values)  # type: ignore[arg-type]


# What the kernel is told


def test_both_versions_of_control_groups_get_the_same_limits() -> None:
    limits = Resources(
        memory=64 << 20, memory_swap=96 << 20, cpu_shares=1024, cpu_quota=50_000, cpuset_cpus="0", pids=-1
    )
    first = [
        setting
        for name in ("memory", "cpu", "cpuset", "pids")
        for setting in settings_for(name, limits, is_unified=False)
    ]
    second = [
        setting
        for name in ("memory", "cpu", "cpuset", "pids")
        for setting in settings_for(name, limits, is_unified=True)
    ]
    assert first == [
        ("memory.limit_in_bytes", str(64 << 20)),
        ("memory.memsw.limit_in_bytes", str(96 << 20)),
        ("cpu.shares", "1024"),
        ("cpu.cfs_quota_us", "50000"),
        ("cpuset.cpus", "0"),
        ("pids.max", "max"),
    ]
    assert second == [
        ("memory.max", str(64 << 20)),
        ("memory.swap.max", str(32 << 20)),
        ("cpu.weight", "39"),
        ("cpu.max", "50000 100000"),
        ("cpuset.cpus", "0"),
        ("pids.max", "max"),
    ]


def test_weights_span_the_whole_range() -> None:
    assert (weight_of(0), weight_of(2), weight_of(262_144), weight_of(10**9)) == (1, 1, 10_000, 10_000)


# What holds


@pytest.mark.root
def test_ulimits_hold(box: Box) -> None:
    limits = (Ulimit("nofile", 100, 200), Ulimit("core", 0, 0))
    outcome = box.run("ulimit -n; ulimit -Hn; ulimit -c", ulimits=limits)
    assert outcome.stdout.split() == ["100", "200", "0"]


@pytest.mark.root
def test_a_file_larger_than_allowed_ends_its_writer(box: Box) -> None:
    outcome = box.run("head -c 100000 /dev/zero > /tmp/large; exit $?", ulimits=(Ulimit("fsize", 4096, 4096),))
    assert outcome.status == 128 + 25
    assert (outcome.root.upper / "tmp" / "large").stat().st_size == 4096


@pytest.mark.root
def test_a_limit_above_the_callers_is_an_error_that_says_so(own_box: Box) -> None:
    # The kernel itself has no more than this (fs.nr_open), whoever asks.
    most = int(Path("/proc/sys/fs/nr_open").read_text()) + 1
    with pytest.raises(ProcessNotStarted, match=f"cannot set the limit .*nofile={most}:{most}") as caught:
        own_box.run("true", ulimits=(Ulimit("nofile", most, most),))
    assert caught.value.step is Step.LIMITS
    assert caught.value.hint


@pytest.mark.root
def test_shared_memory_has_the_size_that_was_asked_for(box: Box) -> None:
    script = "df -k /dev/shm | tail -1 | awk '{print $2}'; head -c 2000000 /dev/zero > /dev/shm/f; wc -c < /dev/shm/f"
    assert box.run(script, shared_memory=1 << 20).stdout.split() == ["1024", str(1 << 20)]


@pytest.fixture
def limited() -> Resources:
    """Limits that this machine can keep; CI is a machine that can."""
    resources = Resources(pids=20, memory=64 << 20)
    reason = cgroups.reason_against(resources)
    if reason and os.environ.get("CI") != "true":
        pytest.skip(reason)
    return resources


@pytest.mark.root
def test_processes_without_end_stay_within_the_limit(box: Box, limited: Resources) -> None:
    script = "for i in $(seq 60); do sleep 5 & done 2>/dev/null; ls -d /proc/[0-9]* | wc -l"
    outcome = box.run(f"({script})", resources=limited)
    running = int(outcome.stdout.split()[-1]) if outcome.stdout.split() else 0
    assert running <= 20
    assert box.run("echo fine").stdout == "fine\n"


@pytest.mark.root
def test_memory_without_end_is_killed(box: Box, limited: Resources) -> None:
    # What is in a tmpfs counts, and is bounded here if the limit should not hold.
    script = "head -c 200000000 /dev/zero > /dev/shm/f && echo survived"
    outcome = box.run(f"sh -c '{script}' || echo killed", resources=limited, shared_memory=256 << 20)
    # The kernel chooses whom to end, and may choose the first process.
    assert outcome.stdout == "killed\n" or outcome.status == 137
    assert "survived" not in outcome.stdout


@pytest.mark.root
def test_a_given_group_needs_no_limits_beside(box: Box, limited: Resources) -> None:
    parent = f"dockerlang-test-{os.getpid()}"
    try:
        assert box.run("echo fine", resources=Resources(parent=parent)).stdout == "fine\n"
    finally:
        for directory in Path("/sys/fs/cgroup").glob(f"**/{parent}"):
            cgroup_files.remove(directory)


@pytest.mark.root
def test_no_group_is_left(box: Box, limited: Resources) -> None:
    before = _groups()
    box.run("true", resources=limited)
    assert _groups() == before


def _groups() -> set[Path]:
    return set(Path("/sys/fs/cgroup").glob(f"**/dockerlang/{os.getpid()}-*"))


def test_without_control_groups_the_process_runs_and_the_reason_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(resources: Resources) -> None:
        raise NoControlGroup(errno.EACCES, "nobody may")

    monkeypatch.setattr(cgroups, "make_control_group", refuse)
    assert cgroups.reason_against(Resources(pids=5)) == "nobody may"
    assert cgroups.control_group_for(Resources(pids=5)) is None
