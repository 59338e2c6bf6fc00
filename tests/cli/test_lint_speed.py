"""What a run saves: findings that are remembered, and files spread over processes; the output is the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_lint import BAD, dockerlang


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "Dockerfile").write_text(BAD)
    return folder


def lines(*words: str, cwd: Path) -> list[str]:
    result = dockerlang("lint", *words, cwd=cwd)
    assert result.stderr == ""
    return result.stdout.splitlines()


def test_a_remembered_run_says_the_same_and_imports_little(folder: Path) -> None:
    first = lines(cwd=folder)
    script = (
        "import sys\nsys.argv = ['dockerlang', 'lint']\nfrom dockerlang.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "names = {'lark', 'rich', 'tree_sitter', 'yaml', 'subprocess', 'dockerlang.linter.catalog'}\n"
        "print('heavy:', sorted(names & set(sys.modules)))\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert shown.stdout.splitlines() == [*first, "heavy: []"]
    assert lines("--no-cache", cwd=folder) == first


def test_what_a_result_depends_on_is_seen(folder: Path) -> None:
    (folder / "Dockerfile").write_text('FROM debian\nCOPY a /a\nRUN echo $x\nCMD ["a"]\n')
    words = ("-f", "json")

    def codes(*more: str) -> set[str]:
        return {each["code"] for each in json.loads("".join(lines(*words, *more, cwd=folder)))}

    everything = {"DL3006", "SC2086", "SC2154"}
    assert codes() == codes() == everything
    assert codes("--no-shellcheck") == {"DL3006"}
    assert codes("--ignore", "DL3006") == everything - {"DL3006"}
    (folder / ".dockerignore").write_text("a\n")
    assert codes() == everything | {"CopyIgnoredFile"}
    (folder / ".dockerignore").unlink()
    (folder / "Dockerfile").write_text('FROM debian:12\nCMD ["a"]\n')
    assert codes() == set()


def test_the_cache_is_cleared(folder: Path) -> None:
    first = lines(cwd=folder)
    remembered = folder.parent / "cache" / "dockerlang" / "lint-results.sqlite"
    assert remembered.exists()
    assert dockerlang("lint", "--clear-cache", cwd=folder).returncode == 0
    assert not remembered.exists()
    assert lines(cwd=folder) == first


def test_without_the_cache_nothing_is_written(folder: Path) -> None:
    lines("--no-cache", cwd=folder)
    assert not list((folder.parent / "cache").glob("dockerlang/*.sqlite*"))


def test_several_processes_say_the_same_in_the_same_order(folder: Path) -> None:
    for number in range(60):
        (folder / f"{number:02d}.dockerfile").write_text(f"FROM debian:{number}\nRUN echo $x{number % 7}\nCMD a\n")
    (folder / "07.dockerfile").write_bytes(bytes(range(256)) * 4)
    results = [
        dockerlang("lint", "-f", "json", *words, cwd=folder)
        for words in (("--no-cache", "--jobs", "1"), ("--no-cache", "--jobs", "3"), ("--no-cache",), (), ())
    ]
    assert {result.stdout for result in results} == {results[0].stdout}
    assert {result.stderr for result in results} == {"dockerlang: cannot lint 07.dockerfile: it is a binary file\n"}
    names = [each["file"] for each in json.loads(results[0].stdout)]
    assert names == sorted(names)
    assert len(set(names)) == 60


def test_a_shellcheck_that_fails_is_said_once_and_nothing_is_remembered(folder: Path, tmp_path: Path) -> None:
    for number in range(60):
        (folder / f"{number:02d}.dockerfile").write_text(f"FROM debian:{number}\nRUN echo $x{number}\n")
    program = tmp_path / "shellcheck"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    script = (
        "import sys\nimport dockerlang.linter.shellcheck_program as module\n"
        f"module.find_program = lambda: {str(program)!r}\n"
        "sys.argv = ['dockerlang', 'lint', '--select', 'SC,DL3006']\n"
        "from dockerlang.cli.main import main\nmain()\n"
    )
    for _ in range(2):
        result = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
        assert result.returncode == 2
        assert len([line for line in result.stderr.splitlines() if "ShellCheck did not work" in line]) == 1
        assert "DL3006" in result.stdout
