"""`dockerlang check` and `dockerlang explain`: mistakes, and no opinions."""

from __future__ import annotations

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
    ],
)
def test_what_only_looks_right_is_named(dockerlang: Command, text: str, codes: list[str]) -> None:
    assert sorted(check(dockerlang, text)[1]) == sorted(codes)


@pytest.mark.parametrize(
    "text",
    [
        "ARG X\nFROM $X\nARG P\nEXPOSE $P\n",
        'FROM a\nENV A="${B:?set by the base}"\n',
        "FROM --platform=$BUILDPLATFORM a\nARG TARGETARCH\nRUN [ -f x ] && [[ -f y ]]\n",
        "FROM a\nMAINTAINER me\nCMD echo opinions\n",
    ],
)
def test_what_may_be_well_passes(dockerlang: Command, text: str) -> None:
    assert check(dockerlang, text) == (0, [])


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
