"""`build`: options for the processes of RUN, as a user gives them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.cli.command import Command

pytestmark = pytest.mark.root


@pytest.fixture
def dockerlang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with_busybox = Store.open(tmp_path / "store")
    add_busybox(with_busybox)
    with_busybox.close()
    (tmp_path / "context").mkdir()
    return Command(tmp_path / "store", tmp_path / "context")


def build(dockerlang: Command, dockerfile: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (dockerlang.directory / "Dockerfile").write_text(dockerfile)
    return dockerlang("build", "--progress", "plain", *arguments, ".")


def test_limits_reach_run(dockerlang: Command) -> None:
    text = "FROM busybox\nRUN echo files $(ulimit -n) shm $(df -k /dev/shm | tail -n1 | awk '{print $2}')\n"
    done = build(dockerlang, text, "--ulimit", "nofile=100:200", "--shm-size", "2m")
    assert done.returncode == 0
    assert "files 100 shm 2048" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--ulimit", "as=1"), "invalid ulimit type: 'as'"),
        (("--shm-size", "much"), "invalid size: 'much'"),
        (("--memory", "1m"), "the smallest memory limit is 6m"),
        (("--memory-swap", "1g"), "needs a limit of memory"),
        (("--resource", "disk=1"), "is not understood"),
        (("--ssh", "default"), "SSH_AUTH_SOCK is not set"),
        (("--ssh", "a=/no/such"), "cannot use /no/such for --ssh"),
        (("--ssh", "=x"), "is not understood"),
    ],
)
def test_what_cannot_be_is_said(dockerlang: Command, arguments: tuple[str, ...], message: str) -> None:
    done = build(dockerlang, "FROM busybox\n", *arguments)
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_control_group_that_cannot_be_is_a_warning(dockerlang: Command) -> None:
    done = build(dockerlang, "FROM busybox\nRUN echo ran\n", "--cpuset-cpus", "4000")
    assert done.returncode == 0
    assert "warning: processes run without limits" in done.stderr


def test_a_control_group_limits_memory(dockerlang: Command) -> None:
    text = "FROM busybox\nRUN cd /sys/fs/cgroup && cat memory/memory.limit_in_bytes memory.max 2>/dev/null; true\n"
    done = build(dockerlang, text, "--resource", "memory=64m")
    assert done.returncode == 0
    assert str(64 << 20) in done.stdout + done.stderr or "warning" in done.stderr


def test_keys_get_an_agent_for_the_build(dockerlang: Command, tmp_path: Path) -> None:
    if shutil.which("ssh-agent") is None and os.environ.get("CI") != "true":
        pytest.skip("needs ssh-agent")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    text = "FROM busybox\nRUN --mount=type=ssh,required test -S $SSH_AUTH_SOCK && echo forwarded\n"
    done = build(dockerlang, text, "--ssh", f"default={key}")
    assert done.returncode == 0, done.stderr
    assert "forwarded" in done.stdout + done.stderr


def test_an_oci_runtime_runs_the_steps(dockerlang: Command) -> None:
    if shutil.which("runc") is None and os.environ.get("CI") != "true":
        pytest.skip("needs runc")
    done = build(dockerlang, "FROM busybox\nRUN echo made > /o && cat /o\nRUN cat /o\n", "--runtime", "runc")
    assert done.returncode == 0, done.stderr
    assert dockerlang("run", "--rm", "--runtime", "runc", dockerlang("images", "-aq").stdout.split()[0], "id").stdout


def test_a_runtime_that_is_not_there_is_named(dockerlang: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(dockerlang.directory))
    done = build(dockerlang, "FROM busybox\nRUN true\n", "--runtime", "youki")
    assert done.returncode == 1
    assert "the runtime youki is not on PATH" in done.stderr


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a line for each start of a pasta, the first on PATH, that does not work."""
    note = tmp_path / "started"
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/pasta"
    program.write_text(f"#!/bin/sh\necho started >> {note}\necho cannot do it >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return note


def test_pasta_is_started_only_where_a_step_needs_it(dockerlang: Command, started: Path) -> None:
    text = "FROM busybox\nRUN readlink /proc/self/ns/net\nRUN --network=none true\n"
    (dockerlang.directory / "new").touch()
    done = build(dockerlang, text)
    # It does not work: then the step has the network of the host.
    assert os.readlink("/proc/self/ns/net") in done.stdout + done.stderr
    assert (done.returncode, started.read_text()) == (0, "started\n")
    started.unlink()
    assert build(dockerlang, text).returncode == 0
    # Steps that run, but without a need for it.
    for addition in ("RUN --network=none echo\n", "COPY new /\n"):
        assert build(dockerlang, text + addition).returncode == 0
    for network in ("host", "none"):
        assert build(dockerlang, text, "--no-cache", "--network", network).returncode == 0
    assert not started.exists()


@pytest.mark.namespaces
def test_a_step_has_a_network_of_its_own(dockerlang: Command) -> None:
    done = build(dockerlang, "FROM busybox\nRUN readlink /proc/self/ns/net; ip -o link | grep -c eth0\n")
    assert done.returncode == 0, done.stderr
    output = done.stdout + done.stderr
    assert os.readlink("/proc/self/ns/net") not in output
    assert "net:[" in output
