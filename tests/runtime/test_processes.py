"""What a process sees, what it may do, and how it ends."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime import name_files
from dockerlang.runtime.changes import changes
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.output import Cancellation, Cancelled, ProcessTimeout
from dockerlang.runtime.process import Network, Process, TerminalSize
from dockerlang.runtime.protocol import Step
from dockerlang.runtime.root import Root
from dockerlang.runtime.running import ProcessNotStarted
from tests.runtime.busybox_tree import PATH
from tests.runtime.conftest import Box

pytestmark = pytest.mark.root


# Who it is


@pytest.mark.parametrize(
    ("user", "line"),
    [
        ("", "uid=0(root) gid=0(root) groups=0(root) /root"),
        ("www", "uid=1000(www) gid=1001(www) groups=1001(www),2000(extra) /home/www"),
        ("4242", "uid=4242 gid=0(root) groups=0(root) /"),
        ("daemon:extra", "uid=1(daemon) gid=2000(extra) groups=2000(extra) /usr/sbin"),
        (":1001", "uid=0(root) gid=1001(www) groups=1001(www) /root"),
    ],
)
def test_user_groups_and_home(box: Box, user: str, line: str) -> None:
    assert box.run('echo "$(id) $HOME"', user=user).stdout.strip() == line


def test_environment_directory_and_mask(box: Box) -> None:
    outcome = box.run("env; pwd; umask; echo $$", env=(PATH, "A=1=2", "HOME=/own"), cwd="/tmp")
    lines = outcome.stdout.splitlines()
    assert {"A=1=2", "HOME=/own", PATH} <= set(lines)
    assert lines[-3:] == ["/tmp", "0022", "1"]
    assert not [line for line in lines if line.startswith(("PYTHON", "USER="))]


def test_a_missing_directory_is_made_for_root(box: Box) -> None:
    outcome = box.run("pwd", cwd="/new/deep", user="www")
    assert outcome.stdout == "/new/deep\n"
    entries = [(entry.path, entry.mode, entry.uid) for entry, _ in changes(outcome.root)]
    assert entries == [(b"new", 0o755, 0), (b"new/deep", 0o755, 0)]


def test_arguments_may_be_any_bytes(own_box: Box) -> None:
    text = "ä \udcff\n'\""
    outcome = own_box.run(Process(("printf", "%s|", text, ""), (PATH,)))
    assert outcome.stdout == f"{text}||"


# What it may do


def test_fourteen_capabilities_and_a_filter(box: Box) -> None:
    lines = box.run("grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status").stdout.split()
    values = dict(zip(lines[::2], lines[1::2], strict=True))
    assert values["CapBnd:"] == values["CapPrm:"] == values["CapEff:"] == "00000000a80425fb"
    assert int(values["CapInh:"], 16) == int(values["CapAmb:"], 16) == 0
    assert values["NoNewPrivs:"] == "0"
    assert values["Seccomp:"] == "2"


def test_a_user_has_no_capability_but_may_regain_some(box: Box) -> None:
    lines = box.run("grep -E 'CapBnd|CapEff' /proc/self/status", user="www").stdout.split()
    values = dict(zip(lines[::2], lines[1::2], strict=True))
    assert values == {"CapBnd:": "00000000a80425fb", "CapEff:": "0000000000000000"}


@pytest.mark.parametrize(
    "command",
    [
        "mount -t tmpfs none /mnt",
        "umount /proc",
        "unshare -m true",
        "unshare -U true",
        "hostname other",
        "dmesg",
        "hwclock -s",
        "swapoff -a",
        "chroot / mount -t proc proc /proc",
        "echo 1 > /proc/sys/kernel/panic",
        "touch /sys/kernel/x",
        "mkdir /proc/x",
    ],
)
def test_the_machine_is_out_of_reach(box: Box, command: str) -> None:
    assert box.run(f"mkdir -p /mnt; {command}").status != 0


def test_masked_paths_are_empty(box: Box) -> None:
    script = (
        "for f in /proc/keys /proc/timer_list /proc/kcore; do [ ! -e $f ] || cat $f; done; ls /sys/firmware /proc/acpi"
    )
    outcome = box.run(f"{script} 2>/dev/null")
    assert [line for line in outcome.stdout.splitlines() if line and not line.endswith(":")] == []


def test_devices_are_the_few_of_docker(box: Box) -> None:
    outcome = box.run(
        "ls /dev; echo x > /dev/null; head -c 3 /dev/zero | wc -c; echo s > /dev/shm/f; stat -c %a /dev/shm"
    )
    core = "core " if Path("/proc/kcore").exists() else ""
    assert " ".join(outcome.stdout.split()) == (
        f"{core}fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero 3 1777"
    )


def test_no_descriptor_leads_out(own_box: Box) -> None:
    outcome = own_box.run(Process(("ls", "/proc/1/fd"), (PATH,)))
    assert outcome.stdout.split() == ["0", "1", "2", "3"]  # the last one is the listing itself
    for number in range(3, 30):
        with pytest.raises(ProcessNotStarted) as caught:
            own_box.run("cat etc/shadow", cwd=f"/proc/self/fd/{number}")
        assert caught.value.step is Step.DIRECTORY


def test_streams_may_be_reopened_by_any_user(box: Box) -> None:
    outcome = box.run("echo out > /dev/stdout; echo err > /dev/stderr; wc -c < /dev/stdin", user="www")
    assert (outcome.stdout.split(), outcome.stderr) == (["out", "0"], "err\n")


def test_names_of_the_machine(box: Box) -> None:
    files = name_files.for_build_step("buildkitsandbox", Network.HOST)
    outcome = box.run("hostname; cat /etc/hosts; echo x >> /etc/hosts", hostname="buildkitsandbox", mounts=files)
    assert outcome.stdout == (
        "buildkitsandbox\n127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n"
    )
    assert "Read-only" in outcome.stderr
    assert list(changes(outcome.root)) == []


def test_no_network_but_a_loopback(box: Box) -> None:
    outcome = box.run("ip link | grep -c mtu; ping -c 1 -W 1 127.0.0.1 > /dev/null; echo $?", network=Network.NONE)
    assert outcome.stdout.split() == ["1", "0"]


def test_a_read_only_root(box: Box) -> None:
    outcome = box.run("touch /x || echo no; echo x > /dev/shm/x && pwd", read_only=True, cwd="/made")
    assert outcome.stdout == "no\n/made\n"


def test_a_terminal_of_its_own(box: Box) -> None:
    root = box.new_root()
    process = Process(
        ("sh", "-c", "tty; stty size; ls /dev/pts; read x; echo got $x"), (PATH,), terminal=TerminalSize(30, 90)
    )
    nothing = os.open(os.devnull, os.O_RDWR)
    with box.runtime.start(process, root, (nothing, nothing, nothing)) as running:
        terminal = running.await_terminal()
        assert terminal is not None
        os.write(terminal, b"word\n")
        status = running.wait()
        output = b""
        with contextlib.suppress(OSError):  # what a terminal answers when its last user is gone
            while block := os.read(terminal, 4096):
                output += block
    os.close(nothing)
    assert status == 0
    assert output.replace(b"\r\n", b"\n").split() == b"word /dev/pts/0 30 90 0 ptmx got word".split()


def test_input_comes_from_a_descriptor(box: Box) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"some input")
    os.close(writing)
    assert box.run("cat", stdin=reading).stdout == "some input"
    os.close(reading)


# How it ends


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("exit 0", 0),
        ("exit 3", 3),
        ("exit 255", 255),
        ("sh -c 'kill -9 $$'; exit $?", 137),
        ("sh -c 'kill -TERM $$'; exit $?", 143),
    ],
)
def test_exit_status(box: Box, script: str, status: int) -> None:
    assert box.run(script).status == status


@pytest.mark.parametrize(
    ("program", "exit_code", "message"),
    [
        ("nosuch", 127, "executable file not found in $PATH"),
        ("/no/such", 127, "No such file"),
        ("/etc", 126, "Permission denied"),
        ("/etc/passwd", 126, "Permission denied"),
        ("/script", 126, "Exec format error"),
    ],
)
def test_what_cannot_be_executed(box: Box, tmp_path: Path, program: str, exit_code: int, message: str) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "script").write_text("true\n")
    (tmp_path / "more" / "script").chmod(0o755)
    box.lowers = (*box.lowers, tmp_path / "more")
    with pytest.raises(ProcessNotStarted, match=message.replace("$", r"\$")) as caught:
        box.run(Process((program,), (PATH,)))
    assert caught.value.exit_code == exit_code
    assert f"'{program}'" in str(caught.value)


def test_an_unknown_user_is_named(box: Box) -> None:
    with pytest.raises(ProcessNotStarted, match="unable to find user nosuch"):
        box.run("true", user="nosuch")


def test_a_trap_instead_of_a_user_file_does_no_harm(own_box: Box, tmp_path: Path) -> None:
    (tmp_path / "more" / "etc").mkdir(parents=True)
    os.mkfifo(tmp_path / "more" / "etc" / "passwd")
    os.symlink("/dev/zero", tmp_path / "more" / "etc" / "group")
    own_box.lowers = (*own_box.lowers, tmp_path / "more")
    assert own_box.run("grep Uid /proc/self/status", user="5").stdout.split() == ["Uid:", *["5"] * 4]


@pytest.fixture
def witness() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe: the reading end comes to its end when every process that has the other one is dead."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def everyone_is_dead(reading: int) -> bool:
    """Waits for the end of the witness's pipe, and gives up after ten seconds."""
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    while poll.poll(10_000):
        if not os.read(reading, 4096):
            return True
    return False


TREE = "(setsid sleep 1000 &) ; sleep 1000 & (trap '' HUP INT TERM; exec sleep 1000) & echo up; wait"


def test_leaving_ends_the_whole_tree(box: Box, witness: tuple[int, int]) -> None:
    reading, writing = witness
    nothing = os.open(os.devnull, os.O_RDONLY)
    process = Process(("sh", "-c", TREE), (PATH,))
    with box.runtime.start(process, box.new_root(), (nothing, writing, writing)):
        os.close(writing)
        os.close(nothing)
        assert os.read(reading, 10) == b"up\n"
    assert everyone_is_dead(reading)


def test_the_end_of_the_first_process_ends_the_tree(box: Box) -> None:
    started = time.monotonic()
    assert box.run("sleep 1000 & (setsid sleep 1000 &) ; exit 4").status == 4
    assert time.monotonic() - started < 10


def test_a_timeout_ends_the_tree(box: Box) -> None:
    with pytest.raises(ProcessTimeout, match=r"0\.2 seconds"):
        box.run(TREE, timeout=0.2)


def test_cancellation_ends_the_tree_and_all_that_comes_after(box: Box) -> None:
    cancellation = Cancellation()
    root = box.new_root()
    process = Process(("sh", "-c", TREE), (PATH,))

    def cancel(stream: object, data: bytes) -> None:
        cancellation.cancel()

    with pytest.raises(Cancelled):
        box.runtime.run(process, root, sink=cancel, cancellation=cancellation)
    with pytest.raises(Cancelled):
        box.runtime.run(process, box.new_root(), sink=cancel, cancellation=cancellation)
    cancellation.close()


def test_an_error_in_the_sink_ends_the_tree(box: Box) -> None:
    def fail(stream: object, data: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        box.runtime.run(Process(("sh", "-c", TREE), (PATH,)), box.new_root(), sink=fail)
    assert box.run("echo still here").stdout == "still here\n"


_ALONE = """
import os, sys
from pathlib import Path
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import Process
from dockerlang.runtime.root import Root
root = Root.create(Path(sys.argv[2]), (Path(sys.argv[1]),))
NamespaceRuntime().run(Process(("sh", "-c", sys.argv[3]), ("PATH=/bin",)), root)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_death_of_the_caller_ends_the_tree(
    tree: Path, tmp_path: Path, witness: tuple[int, int], number: signal.Signals
) -> None:
    reading, writing = witness
    caller = subprocess.Popen(
        [sys.executable, "-c", _ALONE, str(tree), str(tmp_path / "root"), TREE], stdout=writing, stderr=writing
    )
    os.close(writing)
    try:
        assert os.read(reading, 10) == b"up\n"
        caller.send_signal(number)
        caller.wait(10)
    finally:
        caller.kill()
        caller.wait()
    assert everyone_is_dead(reading)


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("echo up; sleep 1000; echo no", 128 + signal.SIGINT),
        ("trap 'exit 9' INT; echo up; while :; do sleep 0.02; done", 9),
        ("trap 'trap - INT; kill -INT $$' INT; echo up; while :; do sleep 0.02; done", 128 + signal.SIGINT),
    ],
)
def test_a_signal_ends_what_does_not_mind_it(own_box: Box, witness: tuple[int, int], script: str, status: int) -> None:
    reading, writing = witness
    nothing = os.open(os.devnull, os.O_RDONLY)
    process = Process(("sh", "-c", script), (PATH,))
    with own_box.runtime.start(process, own_box.new_root(), (nothing, writing, writing)) as running:
        os.close(writing)
        os.close(nothing)
        assert os.read(reading, 10) == b"up\n"
        running.signal(signal.SIGINT)
        assert running.wait() == status


# Many of them


def test_threads_run_side_by_side(box: Box, tmp_path: Path) -> None:
    results: dict[int, tuple[str, bytes]] = {}

    def run(number: int) -> None:
        output = []
        root = Root.create(tmp_path / f"thread{number}", box.lowers)
        process = Process(("sh", "-c", f"echo {number} > /own; sleep 0.1; cat /own"), (PATH,))
        box.runtime.run(process, root, sink=lambda stream, data: output.append(data))
        results[number] = ",".join(entry.path.decode() for entry, _ in changes(root)), b"".join(output)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == {number: ("own", b"%d\n" % number) for number in range(12)}


def test_much_output_and_a_large_environment(box: Box) -> None:
    large = "x" * 100_000
    outcome = box.run(
        "head -c 5000000 /dev/zero | tr '\\0' a; echo ${#A0}", env=(PATH, *(f"A{n}={large}" for n in range(15)))
    )
    assert len(outcome.stdout) == 5_000_000 + len("100000\n")


@pytest.mark.parametrize("count", [2, 127, 400])
def test_many_layers(box: Box, tmp_path: Path, count: int) -> None:
    layers = []
    for number in range(count):
        layer = tmp_path / "a rather long name of a directory, with commas: and colons" / f"layer {number}"
        layer.mkdir(parents=True)
        (layer / "top").write_text(f"{number}\n")
        (layer / f"file{number}").touch()
        layers.append(layer)
    box.lowers = (*box.lowers, *layers)
    outcome = box.run("cat /top; ls / | grep -c file; echo new > /top")
    assert outcome.stdout.split() == [str(count - 1), str(count)]
    assert [entry.path for entry, _ in changes(outcome.root)] == [b"top"]


def test_a_root_without_layers(runtime: NamespaceRuntime, tree: Path, tmp_path: Path) -> None:
    root = Root.create(tmp_path / "root", ())
    (root.upper / "bin").mkdir()
    shutil.copy(tree / "bin" / "busybox", root.upper / "bin" / "sh")
    assert runtime.run(Process(("sh", "-c", "exit 6"), ("PATH=/bin",)), root) == 6
    assert [entry.path for entry, _ in changes(root)] == [b"bin", b"bin/sh"]


def test_nothing_to_run(box: Box) -> None:
    with pytest.raises(RuntimeFailure, match="no command"):
        box.run(Process(()))


def test_the_server_holds_no_file_of_its_parent(tree: Path, tmp_path: Path) -> None:
    script = """
import os, sys, fcntl
from dockerlang.runtime.namespaces import NamespaceRuntime
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
with NamespaceRuntime():
    lock.close()
    fcntl.flock(open(sys.argv[1], "w"), fcntl.LOCK_EX | fcntl.LOCK_NB)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "lock")], check=True, timeout=20)
