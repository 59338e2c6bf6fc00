"""Limits as an ordinary user gives them: those that are his to give hold, and for the others he is told why not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from dockerlang.runtime import cgroup_files
from dockerlang.runtime.cgroup_parents import inherit_cpuset
from dockerlang.runtime.hierarchies import mounted_hierarchies
from dockerlang.runtime.oci import OWN
from tests.containers.test_rootless import dockerlang, user
from tests.ordinary_user import Person

pytestmark = [pytest.mark.namespaces, pytest.mark.root]
__all__ = ["user"]
_CONTROLLERS = {"memory", "cpu", "cpuset", "pids"}


@pytest.fixture(params=[OWN, "runc"])
def runtime(request: pytest.FixtureRequest) -> str:
    if request.param != OWN and shutil.which(request.param) is None and os.environ.get("CI") != "true":
        pytest.skip(f"needs {request.param}")
    return str(request.param)


def run(user: Person, runtime: str, *options: str, script: str) -> CompletedProcess[str]:
    return dockerlang(user, "run", "--rm", "--runtime", runtime, *options, "busybox", "sh", "-c", script)


def test_what_is_his_to_limit_is_limited(user: Person, runtime: str) -> None:
    script = "ulimit -n; ulimit -Hn; ulimit -c; df -k /dev/shm | awk 'END { print $2 }'"
    done = run(user, runtime, "--ulimit", "nofile=100:200", "--ulimit", "core=0", "--shm-size", "2m", script=script)
    assert (done.stdout.split(), done.stderr) == (["100", "200", "0", "2048"], "")


def test_a_limit_above_his_own_is_an_error(user: Person, runtime: str) -> None:
    done = run(user, runtime, "--ulimit", "nofile=1000000000", script="echo ran")
    assert (done.returncode, done.stdout) == (125, "")
    assert "rlimit" in done.stderr or "cannot set the limit nofile=1000000000" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "options",
    [("-m", "64m"), ("--pids-limit", "20"), ("--cpus", "0.5"), ("--cpuset-cpus", "0"), ("--cgroup-parent", "/x")],
)
def test_where_no_control_groups_are_his_the_process_runs_and_he_is_told(
    user: Person, runtime: str, options: tuple[str, ...]
) -> None:
    done = run(user, runtime, *options, script="echo ran")
    assert (done.returncode, done.stdout) == (0, "ran\n")
    (warning,) = done.stderr.splitlines()
    assert warning.startswith("warning: processes run without limits of memory, processors and number: ")
    assert "systemd-run --user --scope" in warning or "may not limit" in warning


def test_a_build_says_the_same(user: Person) -> None:
    context = user.directory / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM busybox\nRUN echo files $(ulimit -n)\n")
    done = dockerlang(
        user, "build", "--progress", "plain", "--ulimit", "nofile=100", "--resource", "memory=64m", str(context)
    )
    assert done.returncode == 0, done.stderr
    assert "files 100" in done.stdout + done.stderr
    assert done.stderr.count("warning: processes run without limits") == 1


@pytest.fixture
def lent(user: Person) -> Iterator[str]:
    """The name of groups that root has handed over to the user; version 1 lets him take himself there."""
    name = f"dockerlang-lent-{os.getpid()}"
    first = [found for found in mounted_hierarchies() if found.controllers & _CONTROLLERS and not found.is_unified]
    if not first:
        pytest.skip("version 2 of control groups lets nobody but root take a process to another's group")
    made: list[Path] = []
    try:
        for hierarchy in first:
            cgroup_files.make(hierarchy.mount / name)
            made.append(hierarchy.mount / name)
            if "cpuset" in hierarchy.controllers:
                inherit_cpuset(hierarchy.mount, made[-1])
            os.chown(hierarchy.mount / name, user.uid, user.gid)
        yield name
    finally:
        for directory in made:
            cgroup_files.remove(directory)


def test_limits_hold_in_groups_that_were_handed_over(user: Person, lent: str) -> None:
    options = ("--cgroup-parent", lent, "-m", "64m", "--pids-limit", "20")
    script = "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max"
    done = run(user, OWN, *options, script=script)
    assert (done.stdout.split(), done.stderr) == ([str(64 << 20), "20"], "")
    many = run(
        user, OWN, *options, script="for i in $(seq 60); do sleep 5 & done 2>/dev/null; ls -d /proc/[0-9]* | wc -l"
    )
    assert int((many.stdout.split() or ["0"])[-1]) <= 20
    large = run(
        user, OWN, *options, "--shm-size", "256m", script="head -c 200000000 /dev/zero > /dev/shm/f && echo held"
    )
    assert "held" not in large.stdout
