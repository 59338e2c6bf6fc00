"""What `explain` says of one instruction."""

from __future__ import annotations

import pytest

from dockerlang.ide.explanation import Explanation, explain
from dockerlang.semantics.stages import UnknownStage
from dockerlang.syntax import parse

DOCUMENT = parse(
    "ARG V=3\nFROM alpine:$V AS a\nARG V\nENV P=/x/$V\nUSER app\nRUN echo $P \\\n  && apk add curl=8\n"
    'COPY ${P}/a "$Q"/\nUSER later\nCMD ["x"]\nONBUILD WORKDIR ${P%/*}\nFROM a\nRUN x\nWORKDIR y\nFROM b\n'
)


def at(line: int, **build_args: str) -> Explanation:
    """The explanation of a line, counted from 1."""
    explanation = explain(DOCUMENT, line - 1, build_args)
    assert explanation is not None
    return explanation


def settings(line: int) -> dict[str, tuple[str | None, str]]:
    return {each.name: (each.value, each.origin.text) for each in at(line).settings}


def test_words_are_expanded_step_by_step() -> None:
    (word,) = at(2).words
    assert (word.written, word.value) == ("alpine:$V", "alpine:3")
    (step,) = word.steps
    assert (step.written, step.result, step.origin.text, step.origin.line) == (
        "$V",
        "3",
        "ARG in line 1 (its default)",
        1,
    )
    assert step.is_certain


def test_what_the_base_image_may_set_is_not_certain() -> None:
    first, second = at(8).words
    assert [step.is_certain for step in (*first.steps, *second.steps)] == [True, False]
    assert (second.steps[0].value, second.steps[0].origin.text) == (None, "nothing sets it")


def test_arguments_of_a_build_are_named_as_such() -> None:
    (word,) = at(4, V="9").words
    assert word.value == "/x/9"
    assert word.steps[0].origin.text == "ARG in line 3 (given with --build-arg)"
    assert at(4).words[0].steps[0].origin.text == "ARG in line 3 (from ARG in line 1, its default)"


def test_a_word_that_cannot_be_expanded_says_why() -> None:
    explanation = explain(parse("FROM a\nWORKDIR ${X:?give one}\n"), 1)
    assert explanation is not None
    assert (explanation.words[0].value, explanation.words[0].problem) == (None, "X: give one")
    assert explanation.words[0].steps[0].result is None


def test_the_body_of_a_file_written_in_place_is_a_word() -> None:
    explanation = explain(parse("FROM scratch\nENV A=1\nCOPY <<X <<'Y' /d/\na=$A\nX\n$A\nY\n"), 2)
    assert explanation is not None
    (word,) = explanation.words
    assert (word.written, word.value, word.is_certain) == ("<<X", "a=1\n", True)


def test_who_runs_a_command() -> None:
    assert settings(6) == {
        "user": ("app", "USER in line 5"),
        "directory": (None, "unknown: the base image decides"),
        "shell": ("/bin/sh -c", "the default; a base image may say otherwise"),
    }
    assert settings(10)["shell"] == (None, "none: variables, pipes and patterns are not expanded")
    assert settings(13)["user"] == ("later", "USER in line 9 of stage a")
    assert settings(13)["directory"] == ("/x", "ONBUILD WORKDIR in line 11 of stage a")
    assert settings(8).keys() == {"directory"}


def test_where_a_workdir_leads() -> None:
    assert at(14).notes[-1] == "leads to /x/y"


def test_a_command_is_shown_as_it_starts() -> None:
    assert at(6).arguments == ("/bin/sh", "-c", "echo $P   && apk add curl=8")
    assert at(10).arguments == ("x",)


def test_packages_of_a_run() -> None:
    (call,) = at(6).packages
    assert [(package.name, package.version) for package in call.packages] == [("curl", "8")]


def test_any_line_of_an_instruction_means_it() -> None:
    assert at(7) == at(6)


def test_names_come_with_where_they_were_set() -> None:
    names = {name.name: (name.value, name.origin.text) for name in at(6).names}
    assert names["P"] == ("/x/3", "ENV in line 4")
    assert "P" not in {name.name for name in at(4).names}


def test_a_stage_that_the_target_does_not_need_is_told() -> None:
    def notes(line: int, target: str) -> str:
        explanation = explain(DOCUMENT, line - 1, target=target)
        assert explanation is not None
        return explanation.notes[-1]

    assert notes(13, "a") == "a build of a does not need this stage, and never comes here"
    assert notes(5, "A").startswith("in stage a")
    with pytest.raises(UnknownStage):
        explain(DOCUMENT, 1, target="none")


def test_triggers_say_where_they_run() -> None:
    assert at(11).notes[-1].endswith("here stage-1")


def test_where_nothing_stands_nothing_is_said() -> None:
    assert explain(DOCUMENT, 40) is None
