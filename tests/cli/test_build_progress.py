"""What `dockerlang build` shows, what is left of it to look at, and two builds of the same thing at one time."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.command import Command

pytestmark = pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")

# A step that says when it runs, leaves a line for each time, and ends when somebody opens the gate.
_WAITS_FOR_THE_GATE = """\
FROM busybox
RUN --mount=type=cache,id=gate,target=/gate echo x >> /gate/ran; echo begun; until [ -e /gate/go ]; do :; done
"""


def write(dockerlang: Command, text: str, name: str = "Dockerfile") -> None:
    (dockerlang.directory / name).write_text(text)


def start(dockerlang: Command, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dockerlang", "--root", str(dockerlang.root), *arguments],
        cwd=dockerlang.directory,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    read = ""
    while words not in read:
        line = process.stderr.readline()
        assert line, read
        read += line
    return read


def test_plain_progress_has_the_form_of_buildkit(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo one; printf two\nRUN true\n")
    lines = dockerlang("build", ".").stderr.splitlines()
    assert lines[0] == "#1 [2/3] RUN echo one; printf two"
    assert [line.split()[-1] for line in lines[1:3]] == ["one", "two"]
    assert lines[3].startswith("#1 DONE ")
    assert lines[4:6] == ["", "#2 [3/3] RUN true"]
    assert "#1 CACHED" in dockerlang("build", ".").stderr


def test_raw_progress_is_one_object_a_line(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo out; echo err >&2\n")
    objects = [json.loads(line) for line in dockerlang("build", "--progress", "rawjson", ".").stderr.splitlines()]
    vertexes = [vertex for each in objects for vertex in each.get("vertexes", [])]
    assert "completed" not in vertexes[0]
    assert vertexes[-1]["completed"] >= vertexes[0]["started"]
    logs = {log["stream"]: base64.b64decode(log["data"]) for each in objects for log in each.get("logs", [])}
    assert logs == {1: b"out\n", 2: b"err\n"}
    assert all(log["vertex"] == vertexes[0]["digest"] for each in objects for log in each.get("logs", []))
    again = dockerlang("build", "--progress", "rawjson", ".").stderr.splitlines()[-1]
    assert json.loads(again)["vertexes"][0]["cached"] is True


def test_no_progress_shows_nothing(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo one\n")
    assert dockerlang("build", "--progress", "none", ".").stderr == ""


def test_why_tells_what_changed(dockerlang: Command) -> None:
    assert dockerlang("why").returncode == 1
    write(dockerlang, "FROM busybox\nRUN echo one\nRUN echo kept\n")
    dockerlang("build", ".")
    write(dockerlang, "FROM busybox\nRUN echo two\nRUN echo kept\n")
    explained = dockerlang("build", "--explain", ".").stderr
    assert "the command: was `echo one`, is now `echo two`" in explained
    why = dockerlang("why").stdout
    assert "0 of 2 steps" in why
    assert "it follows [2/3] RUN echo two" in why
    assert dockerlang("why", "1").stdout == dockerlang("why", "echo two").stdout
    images = dockerlang("images", "-aq").stdout.split()
    assert any(dockerlang("why", image).stdout == dockerlang("why", "2").stdout for image in images)
    dockerlang("build", ".")
    assert "came from the cache" in dockerlang("why", "1").stdout
    unknown = dockerlang("why", "nothing like it")
    assert unknown.returncode == 1
    assert "Traceback" not in unknown.stderr


def test_builds_are_listed_logged_and_pruned(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo printed; exit 4\n")
    failed = dockerlang("build", ".").stderr
    identifier = dockerlang("builds", "-q").stdout.strip()
    assert f"dockerlang logs {identifier}" in failed
    assert "failed" in dockerlang("builder", "ls").stdout
    log = dockerlang("logs", identifier[:6]).stdout
    assert "#1 [2/2] RUN echo printed; exit 4\n" in log
    assert " printed\n" in log
    assert dockerlang("logs", "-n", "1", identifier).stdout.startswith("#1 ERROR")
    assert dockerlang("logs", "nosuch").returncode == 1
    dockerlang("builder", "prune", "-f")
    assert dockerlang("builds", "-q").stdout == ""
    assert not any((dockerlang.root / "builds").iterdir())


def test_debug_opens_a_shell_in_what_the_step_has_left(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo half > /half; exit 1\n")
    look = b"cat /half || echo none\n"
    assert dockerlang("build", "--debug", ".", input=look).stdout == "half\n"
    assert dockerlang("build", "--debug", "--debug-state=before", ".", input=look).stdout == "none\n"


def test_the_shell_of_debug_has_all_that_the_step_had(dockerlang: Command) -> None:
    (dockerlang.directory / "token").write_text("shh")
    mounts = (
        "--mount=type=secret,id=t,env=T --mount=type=cache,target=/c --mount=target=/ctx --mount=type=tmpfs,target=/m"
    )
    write(
        dockerlang,
        "FROM busybox\nRUN echo joe:x:7:8::/home/joe:/bin/sh >> /etc/passwd; mkdir -m 777 /w\nARG V=3\nENV E=4\n"
        f'WORKDIR /w\nSHELL ["/bin/busybox", "sh", "-ec"]\nUSER joe\nRUN {mounts} echo left > /w/left; exit 1\n',
    )
    script = b'sh -c \'id -u; pwd; echo $V $E $T; ls /ctx; mount | grep -c -e " on /c " -e " on /m "; cat /w/left\'\n'
    seen = {}
    for state in ("failure", "before"):
        ended = dockerlang(
            "build", "--debug", f"--debug-state={state}", "--secret=id=t,src=token", ".",
            input=script.replace(b"sh -c", b"/bin/sh -c"),
        )  # fmt: skip
        assert ended.returncode == 1
        assert "with all that the step had" in ended.stderr
        seen[state] = ended.stdout.split("\n")
    assert seen["failure"] == ["7", "/w", "3 4 shh", "Dockerfile", "token", "2", "left", ""]
    assert seen["before"][:6] == seen["failure"][:6]
    assert "left" not in seen["before"]


def test_debug_enters_the_files_before_a_step_that_did_not_begin(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo made > /made\nUSER nobody-here\nRUN true\n")
    ended = dockerlang("build", "--debug", ".", input=b"cat /made; id -u\n")
    assert ended.stdout == "made\n0\n"
    assert ended.stderr.count("error[") == 1


def test_nothing_of_a_failed_step_is_kept_by_force(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo half > /half; exit 1\n")
    assert dockerlang("build", "--force-rm", ".").stderr.count("dockerlang run -it") == 1


def test_the_same_step_of_two_builds_is_done_once(dockerlang: Command) -> None:
    write(dockerlang, _WAITS_FOR_THE_GATE)
    first = start(dockerlang, "build", ".")
    read_until(first, "begun")
    second = start(dockerlang, "build", ".")
    read_until(second, "waits for another build")
    (ran,) = (dockerlang.root / "caches").glob("*/ran")
    (ran.parent / "go").touch()
    assert first.wait(30) == 0
    assert "CACHED" in second.communicate(timeout=30)[1]
    assert ran.read_text() == "x\n"


def test_a_build_takes_over_when_the_one_it_waits_for_is_killed(dockerlang: Command) -> None:
    write(dockerlang, _WAITS_FOR_THE_GATE)
    first = start(dockerlang, "build", ".")
    read_until(first, "begun")
    second = start(dockerlang, "build", ".")
    read_until(second, "waits for another build")
    first.kill()
    first.wait()
    read_until(second, "begun")
    (ran,) = (dockerlang.root / "caches").glob("*/ran")
    (ran.parent / "go").touch()
    assert second.wait(30) == 0
    assert "killed" in dockerlang("builds").stdout


def test_a_build_that_waits_ends_at_once_when_it_is_interrupted(dockerlang: Command) -> None:
    write(dockerlang, _WAITS_FOR_THE_GATE)
    first = start(dockerlang, "build", ".")
    read_until(first, "begun")
    second = start(dockerlang, "build", ".")
    read_until(second, "waits for another build")
    begun = time.monotonic()
    second.send_signal(signal.SIGINT)
    assert second.wait(30) == 130
    assert time.monotonic() - begun < 5
    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 130
