"""`logs`: which lines of a log are shown, where they go, and what following one means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from dockerlang.store.records import ContainerState
from dockerlang.store.store import Store
from tests.cli.command import Command

BEGIN = 1_700_000_000
"""When the first line of the log came; each of the others came ten seconds later."""


@pytest.fixture
def logged(dockerlang: Command) -> Command:
    """A container called `web` whose log has four lines, the third an error, the last without an end."""
    store = Store.open(dockerlang.root)
    with store.operation("test") as operation:
        image = operation.find("busybox")
        assert image is not None
        container = operation.add_container(image, name="web")
    lines = [("one\n", "stdout"), ("two\n", "stdout"), ("bad\n", "stderr"), ("last", "stdout")]
    with (container.directory / "log").open("w") as file:
        for number, (text, stream) in enumerate(lines):
            file.write(json.dumps({"log": text, "stream": stream, "time": (BEGIN + 10 * number) * 10**9}) + "\n")
    return dockerlang


@pytest.mark.parametrize(
    ("options", "out", "err"),
    [
        ((), "one\ntwo\nlast", "bad\n"),
        (("--tail", "2"), "last", "bad\n"),
        (("-n", "0"), "", ""),
        (("--tail", "all"), "one\ntwo\nlast", "bad\n"),
        (("--tail", "x"), "one\ntwo\nlast", "bad\n"),
        ("--tail=-5", "one\ntwo\nlast", "bad\n"),
        (("--since", str(BEGIN + 10)), "two\nlast", "bad\n"),
        (("--since", "2023-11-14T22:13:35Z"), "last", "bad\n"),
        (("--since", "2023-11-14T23:13:45.5+01:00"), "last", ""),
        (("--until", str(BEGIN + 10)), "one\ntwo\n", ""),
        (("--since", str(BEGIN + 5), "--until", str(BEGIN + 25)), "two\n", "bad\n"),
        (("--tail", "3", "--until", str(BEGIN + 15)), "two\n", ""),
        (("--since", "1h30m"), "", ""),
        (("--until", "250ms"), "one\ntwo\nlast", "bad\n"),
        (("-f", "--since", str(BEGIN + 10)), "two\nlast", "bad\n"),
        (("-f", "--tail", "1"), "last", ""),
        (("-t", "--tail", "1"), "2023-11-14T22:13:50.000000000Z last", ""),
    ],
)
def test_the_lines_that_are_asked_for(logged: Command, options: str | tuple[str, ...], out: str, err: str) -> None:
    result = logged("logs", *([options] if isinstance(options, str) else options), "web")
    assert (result.returncode, result.stdout, result.stderr) == (0, out, err)


def test_a_time_that_is_none_is_a_clear_error(logged: Command) -> None:
    for option in ("since", "until"):
        result = logged("logs", f"--{option}", "bogus", "web")
        assert result.returncode == 1
        assert f'invalid value for "{option}": failed to parse value as time or duration: "bogus"' in result.stderr


def test_following_ends_with_the_container_or_at_the_moment(logged: Command) -> None:
    store = Store.open(logged.root)
    container = store.find_container("web")
    assert container is not None
    with store.operation("test") as operation:
        operation.set_container_state(container, ContainerState.RUNNING)
        result = logged("logs", "-f", "--until", str(BEGIN + 5), "web")
        assert result.stdout == "one\n", "its end has come long ago"
        follower = subprocess.Popen(
            [sys.executable, "-m", "dockerlang", "--root", str(logged.root), "logs", "-f", "--tail", "1", "web"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert follower.stdout is not None
        assert follower.stdout.read(4) == "last"
        with (container.directory / "log").open("a") as file:
            file.write(json.dumps({"log": "more\n", "stream": "stdout", "time": time.time_ns()}) + "\n")
        assert follower.stdout.readline() == "more\n"
        operation.set_container_state(container, ContainerState.EXITED, 0)
        assert follower.communicate(timeout=30)[0] == ""
    assert follower.returncode == 0


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")
def test_the_log_of_a_build_takes_the_same_options(dockerlang: Command) -> None:
    (dockerlang.directory / "Dockerfile").write_text("FROM busybox\nRUN seq 5\n")
    assert dockerlang("build", ".").returncode == 0
    build = dockerlang("builds").stdout.split("\n")[1].split()[0]
    whole = dockerlang("logs", build).stdout.splitlines()
    assert dockerlang("logs", "--tail", "2", build).stdout.splitlines() == whole[-2:]
    assert dockerlang("logs", "-f", "--tail", "2", build).stdout.splitlines() == whole[-2:]
    assert dockerlang("logs", "--until", "1h", build).stdout == ""
    assert dockerlang("logs", "--since", "1h", build).stdout.splitlines() == whole
