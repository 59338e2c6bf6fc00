"""The commands `run`, `ps` and `rm`, each as a program of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dockerlang.oci.config import ContainerConfig
from dockerlang.oci.reference import parse_reference
from dockerlang.store.records import ContainerState
from dockerlang.store.store import Store

pytestmark = pytest.mark.root


class Dockerlang:
    def __init__(self, root: Path) -> None:
        self.command = [sys.executable, "-m", "dockerlang", "--root", str(root)]

    def __call__(self, *arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments], input=input, capture_output=True, text=True, timeout=60, check=False
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*self.command, *arguments], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)


@pytest.fixture
def dockerlang(store_directory: Path) -> Dockerlang:
    return Dockerlang(store_directory)


@pytest.fixture
def fancy(store: Store) -> str:
    """An image in which everything is set."""
    busybox = store.find("busybox")
    assert busybox is not None
    config = ContainerConfig(
        env=busybox.config.config.env,
        entrypoint=("/bin/echo", "entry"),
        cmd=("cmd",),
        user="www",
        working_dir="/app/dir",
        volumes=("/etc", "/vol/x"),
    )
    with store.operation("test") as operation:
        image = operation.add_image(replace(busybox.config, config=config).to_bytes())
        operation.tag(parse_reference("fancy:1"), image)
    return "fancy:1"


@pytest.mark.parametrize(
    ("arguments", "status", "output"),
    [
        (["busybox", "echo", "hi", "--rm", "-t"], 0, "hi --rm -t\n"),
        (["busybox", "sh", "-c", "echo out; exit 7"], 7, "out\n"),
        (["busybox", "sh", "-c", "sh -c 'kill -9 $$'; exit $?"], 137, ""),
        (["-w", "/new", "-u", "www:extra", "busybox", "sh", "-c", "pwd; id -g"], 0, "/new\n2000\n"),
        (["-e", "A=b c", "-h", "box", "busybox", "sh", "-c", "echo $A $HOSTNAME; hostname"], 0, "b c box\nbox\n"),
        (["--network", "none", "busybox", "sh", "-c", "ip link | grep -c mtu"], 0, "1\n"),
        (["--read-only", "--tmpfs", "/t", "busybox", "sh", "-c", "touch /t/x; touch /x || echo no"], 0, "no\n"),
        (["--cap-drop", "ALL", "busybox", "grep", "CapEff", "/proc/self/status"], 0, f"CapEff:\t{0:016x}\n"),
        (["--cap-add", "SYS_ADMIN", "busybox", "sh", "-c", "mount -t tmpfs x /tmp && echo yes"], 0, "yes\n"),
        (["--entrypoint", "echo", "busybox", "x"], 0, "x\n"),
    ],
)
def test_run(dockerlang: Dockerlang, arguments: list[str], status: int, output: str) -> None:
    done = dockerlang("run", "--rm", *arguments)
    assert (done.returncode, done.stdout) == (status, output), done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["busybox", "nosuch"], 127, "cannot execute 'nosuch': executable file not found in $PATH"),
        (["busybox", "/etc"], 126, "cannot execute '/etc': Permission denied"),
        (["--pull", "never", "nosuch"], 125, "Unable to find image 'nosuch' locally"),
        (["--no-such-flag", "busybox"], 125, "--no-such-flag"),
        (["-u", "nosuch", "busybox", "true"], 125, "unable to find user nosuch"),
        (["--cap-add", "MAGIC", "busybox", "true"], 125, "unknown capability 'MAGIC'"),
        (["-v", "na/me:/x", "busybox", "true"], 125, "invalid volume name 'na/me'"),
        (["-it", "busybox", "true"], 125, "the input device is not a TTY"),
    ],
)
def test_run_that_fails(dockerlang: Dockerlang, arguments: list[str], status: int, message: str) -> None:
    done = dockerlang("run", "--rm", *arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert dockerlang("ps", "-aq").stdout == ""


def test_the_image_says_what_is_run(dockerlang: Dockerlang, fancy: str, store: Store) -> None:
    assert dockerlang("run", "--rm", fancy).stdout == "entry cmd\n"
    assert dockerlang("run", "--rm", fancy, "own").stdout == "entry own\n"
    script = "pwd; id -un; stat -c '%a %U' /etc /vol/x; cat /etc/group | head -n 1; touch /etc/x || echo denied"
    done = dockerlang("run", "--rm", "--entrypoint", "sh", fancy, "-c", script)
    assert done.stdout.splitlines() == ["/app/dir", "www", "755 root", "755 root", "root:x:0:", "denied"]
    image = store.find(fancy)
    assert image is not None
    assert dockerlang("run", "--rm", image.id.short, "by", "id").stdout == "entry by id\n"


def test_input(dockerlang: Dockerlang) -> None:
    assert dockerlang("run", "--rm", "-i", "busybox", "cat", input="words").stdout == "words"
    assert dockerlang("run", "--rm", "busybox", "cat", input="words").stdout == ""


def test_binds(dockerlang: Dockerlang, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("host\n")
    script = "cat /ro/f; touch /ro/x || echo no; echo new > /rw/made"
    done = dockerlang(
        "run", "--rm", "-v", f"{tmp_path}:/ro:ro", "-v", f"{tmp_path}/sub/dir:/rw", "busybox", "sh", "-c", script
    )
    assert done.stdout == "host\nno\n"
    assert (tmp_path / "sub" / "dir" / "made").read_text() == "new\n"


def test_a_container_stays_until_it_is_removed(dockerlang: Dockerlang, store: Store) -> None:
    assert dockerlang("run", "--name", "kept", "busybox", "sh", "-c", "echo data > /file; exit 3").returncode == 3
    container = store.find_container("kept")
    assert container is not None
    assert (container.state, container.exit_code) == (ContainerState.EXITED, 3)
    assert (container.upper / "file").read_text() == "data\n"
    assert sorted(os.listdir(container.upper)) in (["etc", "file"], ["file"])
    assert dockerlang("run", "--name", "kept", "busybox", "true").returncode == 125
    assert dockerlang("ps", "-q").stdout == ""
    listed = dockerlang("ps", "-a", "--format", "{{.Names}} {{.Image}} {{.Command}} {{.Status}}").stdout
    assert listed.startswith('kept busybox "sh -c echo data > /…" Exited (3) ')
    assert listed.endswith(" ago\n")
    assert dockerlang("rm", container.id[:8]).stdout == f"{container.id[:8]}\n"
    assert not container.directory.exists()
    assert dockerlang("rm", "kept").returncode == 1


def test_a_running_container_is_removed_by_force_only(dockerlang: Dockerlang, store: Store) -> None:
    with dockerlang.start("run", "--name", "busy", "busybox", "sh", "-c", "echo up; sleep 1000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        assert dockerlang("ps", "--format", "{{.Names}} {{.State}}").stdout == "busy running\n"
        refused = dockerlang("rm", "busy")
        assert (refused.returncode, "it is running" in refused.stderr) == (1, True)
        assert dockerlang("rm", "-f", "busy").returncode == 0
        assert process.stdout.read() == b""
        assert process.wait(20) == -signal.SIGKILL
    assert store.containers() == ()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_container(dockerlang: Dockerlang, store: Store, number: signal.Signals) -> None:
    script = "(setsid sleep 1000 &); echo up; sleep 1000; echo no"
    with dockerlang.start("run", "--rm", "busybox", "sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        # The end of the pipe means that nobody is left to write to it.
        assert process.stdout.read() == b""
        assert process.wait(20) == 128 + number
    assert store.containers() == ()


def test_a_signal_reaches_a_process_that_minds_it(dockerlang: Dockerlang) -> None:
    script = "trap 'echo caught; exit 5' TERM; echo up; while :; do sleep 0.02; done"
    with dockerlang.start("run", "--rm", "busybox", "sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == b"caught\n"
        assert process.wait(20) == 5


def test_whoever_takes_no_more_output_ends_the_process(dockerlang: Dockerlang) -> None:
    with dockerlang.start("run", "--rm", "busybox", "yes") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"y\n"
        process.stdout.close()
        assert process.wait(20) == 1


@pytest.mark.parametrize(
    ("arguments", "script", "output"),
    [
        (("--ulimit", "nofile=50"), "ulimit -n", "50"),
        (("--shm-size", "1m"), "df -k /dev/shm | tail -n1 | awk '{print $2}'", "1024"),
        (("--add-host", "one:10.0.0.1"), "grep one /etc/hosts", "10.0.0.1\tone"),
        (("--dns", "9.9.9.9"), "grep nameserver /etc/resolv.conf", "nameserver 9.9.9.9"),
        (("--group-add", "77"), "id -G", "0 77"),
        (("--init",), "echo $$", "2"),
        (("--security-opt", "no-new-privileges"), "grep NoNew /proc/self/status | cut -f2", "1"),
        (("--device", "/dev/null:/dev/other"), "ls /dev/other", "/dev/other"),
        (("--sysctl", "kernel.shmmni=99"), "cat /proc/sys/kernel/shmmni", "99"),
        (("--privileged",), "grep Seccomp: /proc/self/status | cut -f2", "0"),
    ],
)
def test_limits_and_rights(dockerlang: Dockerlang, arguments: tuple[str, ...], script: str, output: str) -> None:
    done = dockerlang("run", "--rm", *arguments, "busybox", "sh", "-c", script)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, output, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sysctl", "vm.swappiness=1"), "is not the container's own"),
        (("--security-opt", "apparmor=x"), "cannot be honoured"),
        (("--device", "/etc/passwd"), "it is no device"),
        (("--cpus", "1", "--cpu-quota", "5000"), "--cpus says the same"),
        (("--dns", "x"), "is not understood"),
    ],
)
def test_limits_and_rights_that_cannot_be(dockerlang: Dockerlang, arguments: tuple[str, ...], message: str) -> None:
    done = dockerlang("run", "--rm", *arguments, "busybox", "true")
    assert done.returncode in {1, 125}
    assert message in done.stderr
    assert "Traceback" not in done.stderr
