"""What a process may do beside its capabilities: devices, kernel parameters, further groups, an init, privileges."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.runtime.capabilities import NAMES
from dockerlang.runtime.devices import all_devices, insecure_step_devices
from dockerlang.runtime.process import PRIVILEGED, Access, Bind, Device, Network, Process, Security
from tests.runtime.busybox_tree import PATH
from tests.runtime.conftest import Box

pytestmark = pytest.mark.root

# Null's numbers: a device that would open if any did.
_MAKE_AND_READ = "mknod {0}/device c 1 3 && cat {0}/device"


@pytest.mark.parametrize("kind", ["own_box", "copying_box", "oci_box"])
@pytest.mark.parametrize("directory", ["/tmp", "/dev", "/dev/shm", "/bound"])
def test_a_device_that_the_process_makes_is_none(
    kind: str, directory: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    box: Box = request.getfixturevalue(kind)
    source = tmp_path / "source"
    source.mkdir()
    outcome = box.run(_MAKE_AND_READ.format(directory), mounts=(Bind("/bound", source, Access.WRITE),))
    assert outcome.status == 1
    assert "denied" in outcome.stderr


def test_privileges_are_all_there_if_they_are_given(box: Box) -> None:
    script = "grep -E 'CapEff|Seccomp:' /proc/self/status; touch /proc/sys/kernel/ngroups_max; echo $?"
    process = Process(("sh", "-c", script), (PATH,), capabilities=frozenset(NAMES), security=PRIVILEGED)
    words = box.run(process).stdout.split()
    permitted = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff"))
    assert words[:4] == ["CapEff:", permitted.split()[1], "Seccomp:", "0"]
    for directory in ("/dev", "/tmp"):
        script = _MAKE_AND_READ.format(directory)
        assert box.run(script, capabilities=frozenset(NAMES), security=PRIVILEGED).status == 0


def test_a_device_of_the_host_is_lent(box: Box) -> None:
    devices = (Device("/dev/nothing", Path("/dev/null")),)
    assert box.run("cat /dev/nothing && stat -c %F /dev/nothing", devices=devices).stdout == "character special file\n"


def test_lists_of_devices_hold_files_that_are_there() -> None:
    assert {"/dev/null", "/dev/zero"} <= {device.target for device in all_devices()}
    assert all(device.source.exists() for device in (*all_devices(), *insecure_step_devices()))
    assert not [device for device in all_devices() if device.target.startswith(("/dev/pts", "/dev/shm"))]


def test_no_new_privileges(box: Box) -> None:
    outcome = box.run("grep NoNewPrivs /proc/self/status", security=Security(may_gain_privileges=False))
    assert outcome.stdout.split() == ["NoNewPrivs:", "1"]


def test_further_groups(box: Box) -> None:
    assert set(box.run("id -G", groups=("extra", "77")).stdout.split()) == {"0", "2000", "77"}


def test_kernel_parameters_of_its_own_namespaces(box: Box) -> None:
    outcome = box.run(
        "cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/shmmni",
        network=Network.NONE,
        sysctls=(("net.ipv4.ip_default_ttl", "77"), ("kernel.shmmni", "99")),
    )
    assert outcome.stdout.split() == ["77", "99"]
    assert Path("/proc/sys/net/ipv4/ip_default_ttl").read_text() != "77\n"


# An init


def test_an_init_buries_orphans_and_passes_the_status_on(box: Box) -> None:
    wait = "while ps -o comm | grep -q sleep; do :; done"
    script = f"[ $$ = 1 ] || echo second; (sleep 0.01 & ); {wait}; ps -o stat | grep -c Z; exit 3"
    outcome = box.run(script, has_init=True)
    assert outcome.stdout.split() == ["second", "0"]
    assert outcome.status == 3


def test_an_init_passes_signals_on(box: Box) -> None:
    outcome = box.run("trap 'echo caught; exit 5' TERM; kill -TERM 1; while :; do :; done", has_init=True)
    assert (outcome.status, outcome.stdout) == (5, "caught\n")


def test_an_init_tells_of_a_killed_process(box: Box) -> None:
    process = Process(("sh", "-c", "kill -KILL $$"), (PATH,), has_init=True)
    assert box.run(process).status == 137


def test_an_init_tells_nothing_of_who_started_it(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    # Even to one that may look at everything: it shows this program's own arguments and variables otherwise.
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "secret")
    script = "tr '\\0' '\\n' < /proc/1/cmdline; tr -d '\\0' < /proc/1/environ"
    outcome = box.run(script, has_init=True, capabilities=frozenset(NAMES), security=PRIVILEGED)
    assert outcome.stdout.split() == ["dockerlang-init"]
    confined = box.run("cat /proc/1/environ; ls /proc/1/root/ /proc/1/cwd/", has_init=True)
    assert (confined.stdout, confined.stderr.count("Permission denied")) == ("", 3)
