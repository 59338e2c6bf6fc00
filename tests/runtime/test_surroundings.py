"""What a process finds around it: control groups, keys, a score, a network; and what it shares if told to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.runtime import cgroups, filesystems
from dockerlang.runtime.hierarchies import mounted_hierarchies
from dockerlang.runtime.limits import Resources
from dockerlang.runtime.process import PRIVILEGED, Namespace, Network
from dockerlang.runtime.protocol import Step
from dockerlang.runtime.running import ProcessNotStarted
from tests.runtime.conftest import Box

pytestmark = pytest.mark.root


# Control groups


@pytest.fixture
def limits() -> Resources:
    """Limits that give a process control groups of its own; CI is a machine that can."""
    resources = Resources(memory=64 << 20, pids=40)
    reason = cgroups.reason_against(resources)
    if reason and os.environ.get("CI") != "true":
        pytest.skip(reason)
    return resources


def test_a_process_sees_its_own_limits_and_cannot_change_them(box: Box, limits: Resources) -> None:
    files = "memory/memory.limit_in_bytes pids/pids.max memory.max pids.max"
    script = f"""cd /sys/fs/cgroup
        for f in {files}; do [ ! -e $f ] || echo $(cat $f); done | sort -u
        for f in {files}; do [ ! -e $f ] || echo max > $f; done
        mkdir memory/mine mine"""
    outcome = box.run(script, resources=limits)
    assert outcome.stdout.split() == ["40", str(64 << 20)]
    assert outcome.stderr.count("Read-only file system") >= 3


def test_other_groups_are_out_of_sight(own_box: Box, limits: Resources) -> None:
    outcome = own_box.run("cat /proc/self/cgroup; ls /sys/fs/cgroup/*", resources=limits)
    assert {line.split(":", 2)[2] for line in outcome.stdout.splitlines() if line.count(":") >= 2} == {"/"}
    assert "dockerlang" not in outcome.stdout


def test_one_that_may_see_all_sees_all_groups(own_box: Box) -> None:
    seen = own_box.run("grep -c ' /sys/fs/cgroup' /proc/mounts", security=PRIVILEGED).stdout
    first = sum(not hierarchy.is_unified for hierarchy in mounted_hierarchies())
    assert int(seen) == (first + 1 if first else len(mounted_hierarchies()[:1]))


def test_the_names_of_groups_can_be_shared(own_box: Box, limits: Resources) -> None:
    shared = frozenset({Namespace.CGROUP})
    assert "/dockerlang/" in own_box.run("cat /proc/self/cgroup", resources=limits, host_namespaces=shared).stdout


# What was inherited


_WITH_A_KEY = """
import ctypes, platform, sys
from pathlib import Path
from dockerlang.runtime import kernel
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import PRIVILEGED, Process
from dockerlang.runtime.root import Root
kernel.join_new_session_keyring()
add_key, keyctl = (248, 250) if platform.machine() == "x86_64" else (217, 219)
libc = ctypes.CDLL(None, use_errno=True)
key = libc.syscall(add_key, b"user", b"dockerlang-test", b"secret", 6, -3)
set_permissions, for_its_possessor = 5, 0x3F000000
assert key > 0 and libc.syscall(keyctl, set_permissions, key, for_its_possessor) == 0
print("outside", Path("/proc/keys").read_text().count("dockerlang-test"), flush=True)
with NamespaceRuntime() as runtime:
    process = Process(("/bin/sh", "-c", "echo inside $(grep -c dockerlang-test /proc/keys)"), security=PRIVILEGED)
    runtime.run(process, Root.create(Path(sys.argv[2]), (Path(sys.argv[1]),)))
"""


def test_keys_of_the_caller_stay_with_him(tree: Path, tmp_path: Path) -> None:
    if not Path("/proc/keys").exists():
        pytest.skip("this kernel has no keys")
    done = subprocess.run(
        [sys.executable, "-c", _WITH_A_KEY, tree, tmp_path / "root"], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["outside 1", "inside 0"], done.stderr


@pytest.fixture
def protected() -> Iterator[None]:
    """This process as one that the kernel had better spare."""
    file = Path("/proc/self/oom_score_adj")
    before = file.read_text()
    try:
        file.write_text("-100")
    except PermissionError:
        # Who may not raise it has nothing to inherit; the score can still be asked for.
        yield
        return
    yield
    file.write_text(before)


@pytest.mark.usefixtures("protected")
def test_protection_when_memory_runs_out_is_not_inherited(box: Box) -> None:
    assert int(box.run("cat /proc/self/oom_score_adj").stdout) >= 0


def test_a_process_can_be_the_first_to_go(box: Box) -> None:
    assert box.run("cat /proc/self/oom_score_adj", out_of_memory_score=500).stdout == "500\n"


# A network of one's own


def test_all_ports_are_free_in_a_network_of_its_own(box: Box) -> None:
    script = "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range"
    assert box.run(script, network=Network.NONE).stdout.split() == ["0", "0", "2147483647"]
    before = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()
    assert box.run(script).stdout.split()[0] == before.strip()


def test_what_is_asked_for_counts_more(box: Box) -> None:
    parameters = (("net.ipv4.ip_unprivileged_port_start", "80"),)
    outcome = box.run("cat /proc/sys/net/ipv4/ip_unprivileged_port_start", network=Network.NONE, sysctls=parameters)
    assert outcome.stdout == "80\n"


# What is shared


def test_shared_memory_of_the_host(box: Box) -> None:
    place = Path(f"/dev/shm/dockerlang-test-{os.getpid()}")
    place.write_text("host\n")
    try:
        assert box.run(f"cat {place}").status != 0
        assert box.run(f"cat {place}", host_namespaces=frozenset({Namespace.IPC})).stdout == "host\n"
    finally:
        place.unlink()


def test_the_name_of_the_host(box: Box) -> None:
    shared = frozenset({Namespace.UTS})
    assert box.run("hostname; readlink /proc/self/ns/uts", host_namespaces=shared).stdout.split() == [
        os.uname().nodename,
        os.readlink("/proc/self/ns/uts"),
    ]


def test_a_domain_name(box: Box) -> None:
    assert box.run("cat /proc/sys/kernel/domainname", domain_name="example").stdout == "example\n"


def test_a_score_that_may_not_be_is_an_error_that_says_so(own_box: Box) -> None:
    with pytest.raises(ProcessNotStarted, match="out-of-memory score") as caught:
        own_box.run("true", out_of_memory_score=2000)
    assert caught.value.step is Step.MEMORY_SCORE


# Sensors


def test_sensors_of_the_processors_are_masked_where_there_are_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cpu0/thermal_throttle", "cpu1", "cpu12/thermal_throttle", "cpufreq/thermal_throttle"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(filesystems, "_PROCESSORS", str(tmp_path))
    assert set(filesystems.masked_paths()) - set(filesystems.MASKED_PATHS) == {
        f"{tmp_path}/cpu0/thermal_throttle",
        f"{tmp_path}/cpu12/thermal_throttle",
    }
