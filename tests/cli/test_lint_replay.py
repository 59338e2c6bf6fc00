"""A lint run that is asked for again: the same words without the linter, as long as nothing has changed that counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_lint import dockerlang

TEXT = "FROM debian\nCOPY a /a\nRUN echo $x\n"
LISTEN = """
import sys, os
read = []
def listen(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        read.append(os.path.abspath(arguments[0]))
sys.addaudithook(listen)
sys.argv = ["dockerlang", *sys.argv[1:]]
from dockerlang.cli.main import main
try:
    main()
except SystemExit:
    pass
import json
sys.stderr.write(json.dumps(read))
"""
IMPORTED = """
import sys, os
sys.argv = ["dockerlang", *sys.argv[1:]]
import dockerlang.cli.entry as entry
def leave(code):
    print("left with", code, sorted({"click", "typing", "pathlib", "dockerlang.text"} & set(sys.modules)))
    sys.exit()
entry._leave = leave
entry.run()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project" / "sub"
    folder.mkdir(parents=True)
    (folder.parent / ".git").mkdir()
    (folder / "Dockerfile").write_text(TEXT)
    return folder


def python(script: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *words]
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True, env=environment)


def test_the_second_run_says_the_same_and_imports_next_to_nothing(folder: Path) -> None:
    for words in (("lint", "Dockerfile"), ("lint", "-f", "json", "--select", "DL,SC2086", "--", "Dockerfile")):
        first = dockerlang(*words, cwd=folder)
        again = dockerlang(*words, cwd=folder)
        assert (again.returncode, again.stdout, again.stderr) == (1, first.stdout, "")
        replayed = python(IMPORTED, *words, cwd=folder).stdout
        assert replayed == first.stdout + "left with 1 []\n"


CHANGES: dict[str, Callable[[Path], object]] = {
    "text": lambda folder: (folder / "Dockerfile").write_text(TEXT.replace("debian", "alpine")),
    "ignore file": lambda folder: (folder / ".dockerignore").write_text("a\n"),
    "own ignore file": lambda folder: (folder / "Dockerfile.dockerignore").write_text("a\n"),
    "configuration": lambda folder: (folder / "dockerlang.toml").write_text('[lint]\nignore = ["DL3006"]\n'),
    "configuration above": lambda folder: (folder.parent / ".hadolint.yaml").write_text("ignored: [DL3006]\n"),
    "project": lambda folder: (folder.parent / "pyproject.toml").write_text('[tool.dockerlang.lint]\nignore=["DL"]\n'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_output_depends_on_is_seen(folder: Path, change: str) -> None:
    first = dockerlang("lint", "-f", "json", "Dockerfile", cwd=folder).stdout
    assert dockerlang("lint", "-f", "json", "Dockerfile", cwd=folder).stdout == first
    CHANGES[change](folder)
    changed = dockerlang("lint", "-f", "json", "Dockerfile", cwd=folder).stdout
    assert changed != first
    assert changed == dockerlang("lint", "-f", "json", "--no-cache", "Dockerfile", cwd=folder).stdout


def test_the_environment_is_seen(folder: Path) -> None:
    first = dockerlang("lint", "-f", "json", "Dockerfile", cwd=folder).stdout
    other = dockerlang("lint", "-f", "json", "Dockerfile", cwd=folder, env={"HADOLINT_IGNORE": "DL3006"}).stdout
    assert {each["code"] for each in json.loads(first)} - {each["code"] for each in json.loads(other)} == {"DL3006"}


def test_every_file_that_a_run_reads_is_part_of_its_key(folder: Path) -> None:
    """What is read besides Python's own files and the cache is looked at before, by `run_key`."""
    (folder / ".dockerignore").write_text("a\n")
    (folder / "dockerlang.toml").write_text('[lint]\nselect = ["DL", "buildkit"]\n')
    (folder.parent / ".hadolint.yaml").write_text("ignored: [DL3008]\n")
    shown = python(LISTEN, "lint", "-f", "json", "Dockerfile", cwd=folder)
    read = {path for path in json.loads(shown.stderr) if path.startswith(str(folder.parent)) and Path(path).exists()}
    script = LISTEN.replace("from dockerlang.cli.main import main", "from dockerlang.cli.linting.replay import run_key")
    script = script.replace("    main()", "    run_key(sys.argv[1:])")
    known = set(json.loads(python(script, "lint", "-f", "json", "Dockerfile", cwd=folder).stderr))
    assert read
    assert read <= known


def test_a_run_that_writes_or_fails_is_not_remembered(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM debian:12\nADD a /a\n")
    assert "Fixed 1 problem" in dockerlang("lint", "--fix", "Dockerfile", cwd=folder).stdout
    (folder / "Dockerfile").write_text("FROM debian:12\nADD a /a\n")
    assert "Fixed 1 problem" in dockerlang("lint", "--fix", "Dockerfile", cwd=folder).stdout
    for _ in range(2):
        result = dockerlang("lint", "Dockerfile", "missing", cwd=folder)
        assert (result.returncode, "missing" in result.stderr) == (2, True)


def test_a_pipe_is_read_once(folder: Path) -> None:
    line = "cat Dockerfile | dockerlang_ lint -f json /dev/stdin".replace(
        "dockerlang_", f"{sys.executable} -m dockerlang"
    )
    result = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, check=False)
    assert [each["code"] for each in json.loads(result.stdout)][:1] == ["DL3006"]
