"""`build --rm=false`: what each RUN ran in can be looked at afterwards, as with the classic builder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlang.store.store import Store
from tests.busybox import add_busybox
from tests.cli.command import Command

pytestmark = pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")
FORMAT = "{{.Command}}|{{.Status}}"


@pytest.fixture
def dockerlang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    add_busybox(Store.open(tmp_path / "store"))
    return Command(tmp_path / "store", tmp_path)


def containers(dockerlang: Command) -> list[list[str]]:
    """The commands of all containers with how they ended, the oldest first."""
    listed = dockerlang("ps", "-a", "--no-trunc", "--format", FORMAT).stdout.splitlines()
    return [[part.split(" (")[-1] for part in line.split("|")] for line in reversed(listed)]


def test_each_run_that_was_executed_leaves_a_container(dockerlang: Command, tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM busybox\nRUN echo one > /one\nCOPY Dockerfile /\nRUN echo two > /two\nENV A=1\n")
    for option in ([], ["--rm"], ["--rm=true"], ["--force-rm"]):
        assert dockerlang("build", "--no-cache", *option, ".").returncode == 0
        assert containers(dockerlang) == []
    assert dockerlang("build", "--no-cache", "--rm=false", ".").returncode == 0
    kept = containers(dockerlang)
    assert ["one" in command for command, _ in kept] == [True, False]
    assert ["two" in command for command, _ in kept] == [False, True]
    assert [status.split(")")[0] for _, status in kept] == ["0", "0"]
    newest = dockerlang("ps", "-lq").stdout.strip()
    copied = dockerlang("cp", f"{newest}:/two", "-").stdout
    assert "two\n" in copied
    # What comes from the cache was not executed.
    assert dockerlang("build", "--rm=false", ".").returncode == 0
    assert len(containers(dockerlang)) == 2
    for container in dockerlang("ps", "-aq").stdout.split():
        assert dockerlang("rm", container).returncode == 0
    assert dockerlang("system", "check").returncode == 0


def test_a_run_that_failed_leaves_its_container_with_the_exit_code(dockerlang: Command, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox\nRUN echo good\nRUN echo half > /half; exit 7\n")
    assert dockerlang("build", "--rm=false", ".").returncode == 1
    (_, good), (command, bad) = containers(dockerlang)
    assert "half" in command
    assert [status.split(")")[0] for status in (good, bad)] == ["0", "7"]
    newest = dockerlang("ps", "-lq").stdout.strip()
    assert "half\n" in dockerlang("cp", f"{newest}:/half", "-").stdout
