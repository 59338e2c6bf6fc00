"""What can be asked of `dockerlang lint` besides the format: other rules, differences, counts, a baseline, settings."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.test_lint import dockerlang

TEXT = "FROM debian\nADD a /a\nRUN sudo b\n"
LINES = ("-f", "concise", "--no-shellcheck")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(TEXT)
    return tmp_path


def codes(*words: str, cwd: Path) -> list[str]:
    return [each["code"] for each in json.loads(dockerlang("lint", "-f", "json", *words, cwd=cwd).stdout)]


def test_line_formats(folder: Path) -> None:
    concise = dockerlang("lint", *LINES, "Dockerfile", cwd=folder).stdout.splitlines()
    assert concise[1] == "Dockerfile:2:1: error DL3020 [fix] COPY does the same and nothing else"
    tty = dockerlang("lint", "-f", "tty", "Dockerfile", cwd=folder).stdout.splitlines()
    assert tty[1] == "Dockerfile:2 DL3020 error: COPY does the same and nothing else"
    lines = dockerlang("lint", "-f", "json-lines", "Dockerfile", cwd=folder).stdout.splitlines()
    whole = json.loads(dockerlang("lint", "-f", "json", "Dockerfile", cwd=folder).stdout)
    assert [json.loads(line) for line in lines] == whole


def test_junit_has_a_suite_a_file_and_a_case_a_finding(folder: Path) -> None:
    (folder / "clean.dockerfile").write_text("FROM debian:12\n")
    suites = ElementTree.fromstring(dockerlang("lint", "-f", "junit", cwd=folder).stdout)
    assert suites.tag == "testsuites"
    assert [(suite.get("package"), suite.get("failures")) for suite in suites] == [
        ("Dockerfile", "3"),
        ("clean.dockerfile", "0"),
    ]
    assert [case.find("failure").get("id") for case in suites[0]] == ["DL3006", "DL3020", "DL3004"]  # type: ignore[union-attr]


def test_rules_are_added_to_those_that_are_on(folder: Path) -> None:
    usual = codes("Dockerfile", cwd=folder)
    more = codes("--extend-select", "image-without-digest,DL3057", "Dockerfile", cwd=folder)
    assert set(more) - set(usual) == {"image-without-digest", "DL3057"}
    assert codes("--select", "DL3004", "--extend-select", "DL3006", "Dockerfile", cwd=folder) == ["DL3006", "DL3004"]


def test_a_difference_writes_nothing(folder: Path) -> None:
    result = dockerlang("lint", "--diff", "Dockerfile", cwd=folder)
    assert "-ADD a /a\n+COPY a /a\n" in result.stdout
    assert (folder / "Dockerfile").read_text() == TEXT
    assert "+RUN b\n" in dockerlang("lint", "--unsafe-fixes", "--diff", "Dockerfile", cwd=folder).stdout


def test_statistics_count_by_rule(folder: Path) -> None:
    (folder / "b.dockerfile").write_text("FROM debian\n")
    lines = dockerlang("lint", "--statistics", cwd=folder).stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["2", "DL3006"], ["1", "DL3004"], ["1", "DL3020"]]
    counts = json.loads(dockerlang("lint", "--statistics", "-f", "json", cwd=folder).stdout)
    assert [(each["code"], each["count"]) for each in counts] == [("DL3006", 2), ("DL3004", 1), ("DL3020", 1)]


def test_a_baseline_silences_what_is_there_and_nothing_new(folder: Path) -> None:
    result = dockerlang("lint", "--add-ignores", "Dockerfile", cwd=folder)
    assert (result.returncode, result.stderr) == (0, "Silenced 3 findings.\n")
    assert codes("Dockerfile", cwd=folder) == []
    with (folder / "Dockerfile").open("a") as file:
        file.write("ADD c /c\n")
    assert codes("Dockerfile", cwd=folder) == ["DL3020"]
    (folder / "Dockerfile").write_text("FROM debian:12\nRUNN x\n")
    assert codes("--add-ignores", "Dockerfile", cwd=folder) == ["unknown-instruction"]


def test_exit_code_and_the_name_of_standard_input(folder: Path) -> None:
    (folder / ".dockerignore").write_text("a\n")
    result = dockerlang(
        "lint", "--exit-zero", "-f", "json", "--stdin-filename", "Dockerfile", "-", stdin=TEXT, cwd=folder
    )
    assert result.returncode == 0
    found = json.loads(result.stdout)
    assert {each["file"] for each in found} == {"Dockerfile"}
    assert "CopyIgnoredFile" in {each["code"] for each in found}


def test_settings_are_shown_as_a_file_that_says_the_same(folder: Path) -> None:
    (folder / ".hadolint.yaml").write_text("ignored: [DL3008]\noverride: {error: [DL3006]}\n")
    shown = dockerlang("lint", "--show-settings", "--ignore", "DL3004", cwd=folder).stdout
    assert tomllib.loads(shown)["lint"]["ignore"] == ["DL3004", "DL3008"]
    (folder / "shown.toml").write_text(shown)
    again = dockerlang("lint", "--show-settings", "--config", "shown.toml", cwd=folder).stdout
    assert again == shown
    verbose = dockerlang("lint", "Dockerfile", cwd=folder, env={"HADOLINT_VERBOSE": "1", "HADOLINT_NOFAIL": "1"})
    assert tomllib.loads(verbose.stderr)["lint"]["exit-zero"] is True
    assert verbose.returncode == 0


def test_git_decides_what_a_search_finds(folder: Path) -> None:
    (folder / ".gitignore").write_text("/out/\n*.skip.dockerfile\n!keep.skip.dockerfile\n")
    (folder / "out").mkdir()
    (folder / "sub" / "out").mkdir(parents=True)
    for name in ("out/Dockerfile", "sub/out/Dockerfile", "a.skip.dockerfile", "keep.skip.dockerfile"):
        (folder / name).write_text("FROM debian\n")
    found = json.loads(dockerlang("lint", "-f", "json", "--select", "DL3006", cwd=folder).stdout)
    assert [each["file"] for each in found] == ["Dockerfile", "keep.skip.dockerfile", "sub/out/Dockerfile"]
    named = json.loads(dockerlang("lint", "-f", "json", "--select", "DL3006", "a.skip.dockerfile", cwd=folder).stdout)
    assert [each["file"] for each in named] == ["a.skip.dockerfile"]


def test_many_files_are_fixed_in_several_processes_as_in_one(folder: Path) -> None:
    texts = {f"{number:02d}.dockerfile": f"FROM a:{number}\nADD a /a\n" for number in range(60)}
    outcomes = []
    for jobs in ("1", "3"):
        for name, text in texts.items():
            (folder / name).write_text(text)
        (folder / "Dockerfile").write_text(TEXT)
        result = dockerlang("lint", "--fix", "--jobs", jobs, "--no-cache", cwd=folder)
        outcomes.append((result.stdout, [(folder / name).read_text() for name in texts]))
    assert outcomes[0] == outcomes[1]
    assert all("COPY a /a" in text for text in outcomes[0][1])


def test_watching_lints_again_after_a_change_and_ends_with_an_interrupt(folder: Path) -> None:
    command = [sys.executable, "-m", "dockerlang", "lint", "--watch", "-f", "concise", "Dockerfile"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().split()[2] for _ in range(3)] == ["DL3006", "DL3020", "DL3004"]
        (folder / "Dockerfile").write_text("FROM debian\n")
        assert process.stdout.readline() == "\n"
        assert "DL3006" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
