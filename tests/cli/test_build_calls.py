"""`dockerlang build --call` and `--check`: answers in place of a build; no store is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Command

DOCKERFILE = """# VERSION of the program
ARG VERSION=1
# base has the tools
FROM busybox AS base
ARG LATER
RUN --mount=type=secret,id=token,required=true --mount=type=ssh --mount=type=cache,target=/c true
FROM busybox AS unused
ARG NEVER
# final is what ships
FROM base AS final
ARG VERSION
"""


@pytest.fixture
def dockerlang(tmp_path: Path) -> Command:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "Dockerfile").write_text(DOCKERFILE)
    return Command(tmp_path / "store", tmp_path / "work")


def test_targets_are_the_named_stages_and_the_last(dockerlang: Command) -> None:
    answer = dockerlang("build", "--call", "targets", ".")
    assert [line.split() for line in answer.stdout.splitlines()] == [
        ["TARGET", "DESCRIPTION"],
        ["base", "has", "the", "tools"],
        ["unused"],
        ["final", "(default)", "is", "what", "ships"],
    ]
    described = json.loads(dockerlang("build", "--call", "targets,format=json", ".").stdout)["targets"]
    assert [(row["name"], row.get("default", False), row["base"]) for row in described] == [
        ("base", False, "busybox"), ("unused", False, "busybox"), ("final", True, "base"),
    ]  # fmt: skip
    assert not dockerlang.root.exists()


def test_an_outline_is_what_the_target_and_its_stages_take(dockerlang: Command) -> None:
    answer = json.loads(dockerlang("build", "--call=outline,format=json", "--build-arg", "LATER=x", ".").stdout)
    assert {row["name"]: row.get("value") for row in answer["args"]} == {"VERSION": "1", "LATER": "x"}
    assert answer["args"][0]["description"] == "of the program"
    assert answer["secrets"] == [{"name": "token", "required": True}]
    assert answer["ssh"] == [{"name": "default", "required": False}]
    assert answer["cacheMounts"] == [{"ID": "/c"}]
    text = dockerlang("build", "--call", "outline", "--target", "unused", ".").stdout
    assert "NEVER" in text
    assert "LATER" not in text


def test_a_check_is_clean_or_fails(dockerlang: Command) -> None:
    clean = dockerlang("build", "--check", ".")
    assert (clean.returncode, clean.stdout) == (0, "Check complete, no warnings found.\n")
    (dockerlang.directory / "Dockerfile").write_text("FROM busybox as x\nMAINTAINER me\n")
    found = dockerlang("build", "--check", ".")
    assert found.returncode == 1
    assert "2 warnings found" in found.stdout
    report = json.loads(dockerlang("build", "--call=check,format=json", ".").stdout)
    assert {row["ruleName"] for row in report["warnings"]} == {"FromAsCasing", "MaintainerDeprecated"}
    (dockerlang.directory / "Dockerfile").write_text("FETCH it\n")
    broken = dockerlang("build", "--call=check,format=json", ".")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["buildError"]["message"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--call", "everything"), "is not understood"),
        (("--call", "check,format=xml"), "is not understood"),
        (("--call", "outline", "--target", "finale"), "final"),
        (("--check", "-f", "missing"), "no Dockerfile"),
    ],
)
def test_bad_questions_are_refused(dockerlang: Command, arguments: tuple[str, ...], message: str) -> None:
    failed = dockerlang("build", *arguments, ".")
    assert failed.returncode in (1, 125)
    assert message in failed.stderr
    assert "Traceback" not in failed.stderr


def test_an_outline_of_a_broken_file_shows_the_mistake(dockerlang: Command) -> None:
    (dockerlang.directory / "Dockerfile").write_text("FETCH it\n")
    failed = dockerlang("build", "--call", "outline", ".")
    assert failed.returncode == 1
    assert "FETCH" in failed.stderr
