"""What `explain` says of one instruction."""

from __future__ import annotations

from dockerlang.ide.explanation import explain
from dockerlang.syntax import parse

DOCUMENT = parse(
    "ARG V=3\nFROM alpine:$V AS a\nARG V\nENV P=/x/$V\nUSER app\nRUN echo $P \\\n  && ls\n"
    'COPY ${P}/a "$Q"/\nUSER later\nCMD ["x"]\n'
)


def groups(line: int) -> dict[str, dict[str, str]]:
    """The explanation of a line, counted from 1."""
    explanation = explain(DOCUMENT, line - 1)
    assert explanation is not None
    return {title: dict(rows) for title, rows in explanation.groups}


def test_words_are_expanded_with_the_names_they_use() -> None:
    assert groups(2)["words"] == {"alpine:$V": "becomes `alpine:3`", "  $V": "is `3`"}
    assert groups(8)["words"]["  $Q"] == "is not set here; the base image may set it"


def test_a_command_is_shown_as_it_runs() -> None:
    assert groups(6)["runs as"] == {"[0]": "/bin/sh", "[1]": "-c", "[2]": "echo $P   && ls"}
    assert groups(10)["runs as"] == {"[0]": "x", "no shell": "variables, pipes and patterns are not expanded"}


def test_any_line_of_an_instruction_means_it() -> None:
    assert groups(7) == groups(6)


def test_names_come_with_where_they_were_set() -> None:
    assert groups(6)["sees"]["P"] == "`/x/3`, env of line 4"
    assert "P" not in groups(4)["sees"]


def test_settings_are_those_before_the_line() -> None:
    assert groups(6)["stage"]["USER app"] == "set in line 5"
    assert "USER later" not in groups(8)["stage"]


def test_where_nothing_stands_nothing_is_said() -> None:
    assert explain(DOCUMENT, 40) is None
