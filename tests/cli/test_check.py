"""`dockerlang check` and `dockerlang explain`: mistakes, and no opinions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Command


@pytest.fixture
def dockerlang(tmp_path: Path) -> Command:
    return Command(tmp_path / "store", tmp_path)


def check(dockerlang: Command, text: str) -> tuple[int, list[str]]:
    """The exit code, and the codes of what was found."""
    result = dockerlang("check", "-", input=text.encode())
    assert "Traceback" not in result.stderr
    headings = [line for line in result.stdout.splitlines() if line.startswith(("error[", "warning["))]
    return result.returncode, [heading.split("[")[1].split("]")[0] for heading in headings]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("FROM a\nENTERYPOINT x\n", ["unknown-instruction"]),
        ("FROM a\nRUN --mount=typ=cache,target=/c true\n", ["bad-mount"]),
        ("FROM a AS a\nFROM b\nCOPY --from=7 x y\n", ["unknown-stage"]),
        ("FROM a AS one\nSTOPSIGNAL no\nFROM b AS two\nEXPOSE no\n", ["bad-signal", "bad-port"]),
        ("FROM a\nRUN echo $((1 << 2))\nUSER x\n", ["open-heredoc"]),
        ('FROM a\nENV A="x\n', ["bad-expansion"]),
        ("FROM $X\n", ["blank-base"]),
        ("FROM alpine:\n", ["no-image"]),
        ("FROM https://hub.docker.com/alpine\n", ["no-image"]),
        ("FROM Alpine\n", ["no-image"]),
        ("FROM a\nCOPY ['a b', '/x']\n", ["almost-array"]),
    ],
)
def test_a_mistake_fails(dockerlang: Command, text: str, codes: list[str]) -> None:
    assert check(dockerlang, text) == (1, codes)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("FROM a\nCMD [\u201da\u201c\uff0c\u201db\u201d]\n", ["almost-array"]),
        ("FROM a\nCMD ['a', 'b']\n", ["almost-array"]),
        ("FROM a\nEXPOSE 80 # web\n", ["trailing-comment", "bad-port"]),
        ("FROM a\nUSER me # him\n", ["trailing-comment"]),
        ("FROM a AS builder\nFROM b\nCOPY --from=biulder x y\n", ["misspelt-stage"]),
        ("FROM a AS builder\nFROM biulder\n", ["misspelt-stage"]),
        ("FROM b AS a\nFROM x AS b\n", ["later-stage"]),
        ("FROM --platform=linux/amd46 a\n", ["unknown-platform"]),
        ("FROM a\nCOPY b c --chown=d\n", ["late-flag"]),
        ("FROM a\nCOPY -from=b c d\n", ["almost-flag"]),
        ("FROM a\nCOPY \u2014from=b c d\n", ["almost-flag"]),
        ("FROM a\nRUN -mount=type=cache,target=/c d\n", ["almost-flag"]),
        ("FROM a\nENV A = b\n", ["blank-before-equals"]),
        ("FROM a\nLABEL A: b\n", ["colon-in-name"]),
        ("FROM a\nARG A: b\n", ["colon-in-name"]),
        ('FROM a\nENV A="at $(date)"\n', ["command-in-value"]),
        ("FROM a\nARG A=$(date)\n", ["command-in-value"]),
        ("FROM a\nARG A=b # c\n", ["trailing-comment"]),
        ("FROM a\nCOPY b c # d e\n", ["trailing-comment"]),
        ("FROM a\nUSER b c\n", ["blank-in-user"]),
        ('FROM a\nWORKDIR ["/b"]\n', ["almost-array"]),
        ("FROM a\nEXPOSE 8080:80\n", ["host-port"]),
        ("# licence\n# syntax=docker/dockerfile:1\nFROM a\n", ["late-directive"]),
        ("# escpae=`\nFROM a\n", ["unknown-directive"]),
        ("# syntax: docker/dockerfile:1\nFROM a\n", ["unknown-directive"]),
        ("FROM a\nRUN b && \\\n  c \\\nCOPY d e\n", ["swallowed-instruction"]),
    ],
)
def test_what_only_looks_right_is_named(dockerlang: Command, text: str, codes: list[str]) -> None:
    assert sorted(check(dockerlang, text)[1]) == sorted(codes)


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine AS a\nFROM alpine AS alpine\n",
        "FROM a AS python3\nFROM b\nCOPY --from=python /c /d\n",
        "FROM a AS build\nFROM build AS test\nCOPY --from=build /c /d\n",
        "ARG TAG\nFROM alpine:$TAG\n",
        "FROM --platform=linux/arm/v7 a\n",
        "FROM a\nENV PS1='$(pwd)' A=\\$(b) C=$((1+2))\n",
        "FROM a\nCOPY #a b#c /d\n",
        "FROM a\nRUN docker run --network=host x\n",
        "FROM a\nONBUILD \\\n  RUN x\n",
        "FROM a\nHEALTHCHECK --interval=5m \\\n  CMD x\n",
        "FROM a\nRUN sql 'SELECT a \\\n  FROM b'\n",
        "# see syntax=9\n# check=that all is well\nFROM a\n",
        "ARG X\nFROM $X\nARG P\nEXPOSE $P\n",
        'FROM a\nENV A="${B:?set by the base}"\n',
        "FROM --platform=$BUILDPLATFORM a\nARG TARGETARCH\nRUN [ -f x ] && [[ -f y ]]\n",
        "FROM a\nMAINTAINER me\nCMD echo opinions\n",
    ],
)
def test_what_may_be_well_passes(dockerlang: Command, text: str) -> None:
    assert check(dockerlang, text) == (0, [])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("FROM a\nEXPOSE http\n", "write the number: `80`"),
        ("FROM a\nEXPOSE [80]\n", "EXPOSE takes no array"),
        ("FROM a\nEXPOSE 90-80\n", "write `80-90`"),
        ("FROM a\nENV A=${b!c}\n", "there are `:-`"),
        ("FROM a\nENV A='b\n", "add `'`"),
        ("ARG a\n", "FROM image"),
        ("FROM a\nRUN --mount=type:cache,target=/b c\n", "write `type=cache`"),
        ("FROM a\nRUN --mount=type=cache, target=/b c\n", "write no blank after a comma"),
        ("FROM a\nRUN --mount=cache,target=/b c\n", "write `type=cache`"),
        ("FROM a AS b\nCOPY --from=b c d\n", "from an earlier stage"),
        ("FROM a\nCOPY --from=3 c d\n", "the only stage is number 0"),
        ("FROM Alpine:3\n", "write `alpine:3`"),
        ("FROM -platform=linux/amd64 a\n", "two hyphens"),
    ],
)
def test_a_mistake_comes_with_the_next_step(dockerlang: Command, text: str, hint: str) -> None:
    result = dockerlang("check", "-", input=text.encode())
    assert result.returncode == 1
    assert hint in result.stdout


def test_certain_fixes_are_applied(dockerlang: Command) -> None:
    file = dockerlang.directory / "Dockerfile"
    file.write_text("FROM a\nRUN: b\nCOPPY c d\n")
    shown = dockerlang("check", "--diff", "Dockerfile")
    assert "-RUN: b\n+RUN b\n" in shown.stdout
    assert file.read_text() == "FROM a\nRUN: b\nCOPPY c d\n"
    result = dockerlang("check", "--fix", "Dockerfile")
    # What was meant by the other word is a guess.
    assert file.read_text() == "FROM a\nRUN b\nCOPPY c d\n"
    assert "Fixed 1 problem" in result.stdout
    assert (shown.returncode, result.returncode) == (1, 1)
    piped = dockerlang("check", "--fix", "-", input=b"FROM a\nRUN: b\n")
    assert (piped.returncode, piped.stdout) == (0, "FROM a\nRUN b\n")


def test_mistakes_for_programs(dockerlang: Command) -> None:
    result = dockerlang("check", "--format", "json", "-", input=b"FROM a\nCOPPY b c\n")
    found = json.loads(result.stdout)
    assert result.returncode == 1
    assert [(each["code"], each["line"]) for each in found] == [("unknown-instruction", 2)]


def test_a_long_chain_of_stages(dockerlang: Command) -> None:
    stages = "".join(f"FROM a AS s{n}\nCOPY --from=s{n - 1} x y\n" for n in range(1, 1500))
    assert check(dockerlang, f"FROM a AS s0\n{stages}") == (0, [])


def test_files_that_cannot_be_read(dockerlang: Command) -> None:
    result = dockerlang("check", "missing", ".")
    assert result.returncode == 2
    assert "missing" in result.stderr


def test_explain_names_what_it_cannot_do(dockerlang: Command) -> None:
    (dockerlang.directory / "Dockerfile").write_text("FROM a\n\nRUN x\n")
    assert "runs as" in dockerlang("explain", "Dockerfile:3").stdout
    for place in ("Dockerfile:2", "Dockerfile", "missing:1"):
        result = dockerlang("explain", place)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr
