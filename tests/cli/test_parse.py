"""`dockerlang parse`: the tree, for people and for programs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlang.cli.output.snippet import Style
from dockerlang.cli.output.tree import tree_lines
from dockerlang.syntax import parse
from dockerlang.syntax.dump import text_of
from tests.cli.command import Command

TEXT = "FROM alpine:3 AS a\nRUN --network=none echo $X\n"


@pytest.fixture
def dockerlang(tmp_path: Path) -> Command:
    (tmp_path / "Dockerfile").write_text(TEXT)
    return Command(tmp_path / "store", tmp_path)


def on_terminal(directory: Path, **environment: str) -> str:
    """What the command prints where standard output is a terminal."""
    leader, follower = pty.openpty()
    settings = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "dockerlang", "parse", "Dockerfile"],
        cwd=directory, stdin=subprocess.DEVNULL, stdout=follower, env=settings | environment,
    ) as process:  # fmt: skip
        os.close(follower)
        found = b""
        try:
            while data := os.read(leader, 65536):
                found += data
        except OSError:
            # Linux says so when the other end is closed.
            pass
        os.close(leader)
    assert process.returncode == 0
    return found.decode().replace("\r\n", "\n")


def test_a_file_gets_plain_text(dockerlang: Command) -> None:
    assert dockerlang("parse", "Dockerfile").stdout == text_of(parse(TEXT))


def test_a_terminal_gets_colours_unless_they_are_switched_off(dockerlang: Command) -> None:
    assert "\x1b[1mFrom\x1b[0m" in on_terminal(dockerlang.directory)
    assert on_terminal(dockerlang.directory, NO_COLOR="1") == text_of(parse(TEXT))


def test_colours_change_nothing_but_looks() -> None:
    document = parse(TEXT + "COPY <<E /x\n\tbody $A\nE\n")
    shown = ["".join(piece.text for piece in line) for line in tree_lines(document)]
    assert "".join(f"{line}\n" for line in shown) == text_of(document)
    styles = {piece.style for line in tree_lines(document) for piece in line}
    assert {Style.MESSAGE, Style.INFO, Style.HELP, Style.FRAME} <= styles


def test_what_steers_a_terminal_is_not_let_through() -> None:
    lines = tree_lines(parse("FROM a\x1b[31m\nRUN \x9b1m\n"))
    assert all(piece.text.isprintable() for line in lines for piece in line)


def test_bytes_that_are_no_text_stay(dockerlang: Command) -> None:
    (dockerlang.directory / "Dockerfile").write_bytes(b"FROM a\xff\n")
    result = subprocess.run(
        [sys.executable, "-m", "dockerlang", "parse", "Dockerfile"],
        cwd=dockerlang.directory,
        capture_output=True,
        check=True,
    )
    assert b'a\xff"' in result.stdout
