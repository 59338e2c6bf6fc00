"""Signals that ask a command to end: it does within a second, says nothing of its own code, and leaves nothing half."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockerlang.store.check import check_store
from dockerlang.store.store import Store
from tests.cli.command import Command

_REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _default_signals() -> Iterator[None]:
    """What the tests' own parent ignores, the commands would ignore, too."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in _REQUESTS if number != signal.SIGINT}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _start(
    dockerlang: Command, *arguments: str, program: tuple[str, ...] = ("-m", "dockerlang")
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *program, "--root", str(dockerlang.root), *arguments],
        cwd=dockerlang.directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "DOCKERLANG_NO_SYNC": "1", "NO_COLOR": "1"},
    )


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> bytes:
    """Send the signal; the error output of a process that ends within a second."""
    sent = time.monotonic()
    process.send_signal(number)
    try:
        process.wait(10)
        assert time.monotonic() - sent < 1
    finally:
        process.kill()
    _, errors = process.communicate()
    assert b"Traceback" not in errors
    assert b"ignored in" not in errors
    return errors


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.005)


def _has_ended(pid: str) -> bool:
    try:
        # Where nobody reaps orphans, it stays as a zombie.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def _is_at_work(dockerlang: Command) -> bool:
    return any((dockerlang.root / "ingest").iterdir())


def _is_clean(dockerlang: Command) -> bool:
    names = ("ingest", "work", "trash")
    return check_store(Store.open(dockerlang.root), full=True).problems == () and not any(
        list((dockerlang.root / name).iterdir()) for name in names
    )


@pytest.mark.parametrize("number", _REQUESTS, ids=lambda number: number.name)
def test_a_load_whose_input_never_ends_can_be_ended(dockerlang: Command, number: signal.Signals) -> None:
    with _start(dockerlang, "load") as process:
        _await(lambda: _is_at_work(dockerlang))
        errors = _end(process, number)
    assert process.returncode == 128 + number
    assert errors.count(b"\n") <= 1
    assert _is_clean(dockerlang)


@pytest.mark.parametrize("number", _REQUESTS, ids=lambda number: number.name)
def test_a_registry_that_never_answers_holds_up_no_end(dockerlang: Command, number: signal.Signals) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        _start(dockerlang, "pull", f"127.0.0.1:{server.getsockname()[1]}/app") as process,
    ):
        connection, _ = server.accept()
        with connection:
            errors = _end(process, number)
    assert process.returncode == 128 + number
    assert errors.count(b"\n") <= 1
    assert _is_clean(dockerlang)


def test_a_store_that_another_process_has_locked_holds_up_no_end(dockerlang: Command) -> None:
    other = sqlite3.connect(dockerlang.root / "store.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with _start(dockerlang, "tag", "busybox", "other") as process:
            # Its lease is the first thing that an operation makes.
            _await(lambda: any((dockerlang.root / "leases").iterdir()))
            _end(process, signal.SIGINT)
    finally:
        other.close()
    assert process.returncode == 130
    assert Store.open(dockerlang.root).find("other") is None


def test_an_archive_that_is_half_written_goes(dockerlang: Command) -> None:
    fifo = dockerlang.directory / "fifo"
    os.mkfifo(fifo)
    program = (
        "import time\n"
        "import dockerlang.store.archive.save as save\n"
        "inner = save._add_blob\n"
        "def slowly(*given):\n"
        "    inner(*given)\n"
        f"    open({str(fifo)!r}, 'w').close()\n"
        "    time.sleep(60)\n"
        "save._add_blob = slowly\n"
        "from dockerlang.cli.entry import run\nrun()"
    )
    with _start(dockerlang, "save", "-o", "app.tar", "busybox", program=("-c", program)) as process:
        fifo.open().close()
        assert len(list(dockerlang.directory.iterdir())) == 2, "something is written beside"
        _end(process, signal.SIGTERM)
    assert process.returncode == 143
    assert list(dockerlang.directory.iterdir()) == [fifo]


def test_before_a_command_begins_an_interruption_just_ends_it(dockerlang: Command) -> None:
    program = (
        "import os, signal, sys\n"
        "from dockerlang.cli import entry\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click.core':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "entry.run()"
    )
    with _start(dockerlang, "images", program=("-c", program)) as process:
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (-signal.SIGINT, b"")


def test_an_interruption_that_python_loses_comes_again(dockerlang: Command) -> None:
    program = (
        "import os, signal, time\n"
        "from dockerlang.cli.commands import tag\n"
        "class Dying:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(0)\n"
        "def work(*given, **named):\n"
        "    Dying()\n"
        "    time.sleep(60)\n"
        "tag.command.callback = work\n"
        "from dockerlang.cli.entry import run\nrun()"
    )
    begun = time.monotonic()
    with _start(dockerlang, "tag", "busybox", "other", program=("-c", program)) as process:
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.strip()) == (130, b"")
    assert time.monotonic() - begun < 10


def test_a_request_that_meets_the_making_of_a_class_ends_the_command(dockerlang: Command) -> None:
    program = (
        "import os, signal, time\n"
        "from dockerlang.cli.commands import tag\n"
        "class Part:\n"
        "    def __set_name__(self, owner, name):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        time.sleep(60)\n"
        "def work(*given, **named):\n"
        "    type('Whole', (), {'part': Part()})\n"
        "tag.command.callback = work\n"
        "from dockerlang.cli.entry import run\nrun()"
    )
    with _start(dockerlang, "tag", "busybox", "other", program=("-c", program)) as process:
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (143, b"")


def test_clearing_away_that_takes_too_long_is_left_to_the_next_operation(dockerlang: Command) -> None:
    program = (
        "import dockerlang.store.operation as module, time\n"
        "module.Operation._end = lambda self: time.sleep(60)\n"
        "from dockerlang.cli.entry import run\nrun()"
    )
    with _start(dockerlang, "load", program=("-c", program)) as process:
        _await(lambda: _is_at_work(dockerlang))
        _end(process, signal.SIGTERM)
    assert process.returncode == 143
    assert dockerlang("tag", "busybox", "next").returncode == 0
    assert _is_clean(dockerlang)


@pytest.mark.root
def test_a_container_in_the_background_that_nobody_was_told_of_ends(dockerlang: Command) -> None:
    program = (
        "import dockerlang.containers.detaching as module, time\n"
        "module.run_container = lambda *given: time.sleep(60)\n"
        "from dockerlang.cli.entry import run\nrun()"
    )
    with _start(dockerlang, "run", "-d", "busybox", "sleep", "60", program=("-c", program)) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        _await(lambda: bool(children.read_text()))
        (child,) = children.read_text().split()
        _await(lambda: os.getpgid(int(child)) == int(child))  # it has left our session
        _end(process, signal.SIGINT)
    assert process.returncode == 130
    _await(lambda: _has_ended(child))


@pytest.mark.slow
@pytest.mark.root
@pytest.mark.parametrize("number", _REQUESTS, ids=lambda number: number.name)
def test_every_command_can_be_ended_at_any_moment(dockerlang: Command, tmp_path: Path, number: signal.Signals) -> None:
    archive = str(tmp_path / "busybox.tar")
    dockerlang("save", "-o", archive, "busybox")
    dockerlang("run", "--name", "made", "busybox", "sh", "-c", "echo 1 > /f")
    moments = random.Random(int(number))
    for arguments in (
        ("load", "-i", archive),
        ("import", archive, "imported"),
        ("commit", "made", "committed"),
        ("tag", "busybox", "tagged"),
        ("rmi", "tagged"),
        ("run", "--rm", "busybox", "true"),
        ("cp", "made:/bin", str(tmp_path / "copied")),
        ("export", "-o", str(tmp_path / "exported.tar"), "made"),
        ("system", "prune", "-f"),
        ("images", "-a"),
    ):
        for _ in range(4):
            dockerlang("tag", "busybox", "tagged")
            with _start(dockerlang, *arguments) as process:
                try:
                    process.wait(moments.uniform(0.05, 0.5))
                except subprocess.TimeoutExpired:
                    errors = _end(process, number)
                    assert errors.count(b"\n") <= 1, errors
                    assert process.returncode in {0, -number, 128 + number}
                process.communicate()
        assert dockerlang("tag", "busybox", "tagged").returncode == 0
        assert _is_clean(dockerlang), arguments
