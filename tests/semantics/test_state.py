"""Who runs a line, where and how."""

from __future__ import annotations

import pytest
from hypothesis import given

from dockerlang.semantics.state import State, state_at, states
from dockerlang.semantics.static_scopes import static_scopes
from dockerlang.semantics.workdir import working_directory
from dockerlang.syntax import nodes, parse
from tests.dockerfiles import dockerfiles


def state(text: str, mark: str = "RUN here") -> State:
    """The state at the place where `mark` stands."""
    found = state_at(parse(text), text.index(mark))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("lines", "directory"),
    [
        ("WORKDIR /a\nWORKDIR b/../c", "/a/c"),
        ("WORKDIR /x/../y/./z/", "/x/../y/./z/"),
        ("ARG D=/d\nWORKDIR $D\nWORKDIR ${E:-e}\nENV E=late", None),
        ("ENV E=e\nWORKDIR /d/${E}", "/d/e"),
        ("WORKDIR b", None),
        ("WORKDIR $UNSET/b", None),
        ("ENV P=$UNSET/b\nWORKDIR $P", None),
        ("ENV P=$UNSET/b\nENV P=/p\nWORKDIR $P", "/p"),
        ("WORKDIR $PATH", None),
        ('WORKDIR "${A', None),
    ],
)
def test_the_working_directory_follows_the_lines(lines: str, directory: str | None) -> None:
    assert state(f"FROM image\n{lines}\nRUN here\n").working_directory.value == directory


def test_nothing_is_unknown_on_an_empty_base() -> None:
    found = state("FROM scratch\nENV A=$UNSET/b\nWORKDIR x\nWORKDIR $A\nRUN here\n")
    assert (found.user.value, found.working_directory.value) == ("", "/b")
    assert found.shell.value == ("/bin/sh", "-c")


def test_a_known_base_image_makes_variables_certain() -> None:
    text = "FROM image\nWORKDIR $HOME/x\nRUN here\n"
    found = state_at(parse(text), text.index("RUN"), lambda _image: {"HOME": "/root"})
    assert found is not None
    assert found.working_directory.value == "/root/x"


def test_what_a_base_image_decides_is_unknown() -> None:
    found = state("FROM image\nRUN here\n")
    assert found.user.is_from_base_image
    assert found.working_directory.is_from_base_image
    assert found.shell.value is None


def test_settings_say_where_they_come_from() -> None:
    found = state('FROM image AS base\nUSER app\nSHELL ["bash", "-c"]\nFROM base AS top\nUSER top\nRUN here\n')
    assert (found.user.value, found.user.stage and found.user.stage.label) == ("top", "top")
    assert (found.shell.value, found.shell.stage and found.shell.stage.label) == (("bash", "-c"), "base")
    assert isinstance(found.shell.instruction, nodes.Shell)


def test_triggers_of_a_stage_take_effect_in_its_children_only() -> None:
    text = (
        "FROM image AS base\nWORKDIR /base\nONBUILD ARG V=1\nONBUILD WORKDIR v$V\nRUN base\n"
        "FROM base AS child\nRUN here\nFROM child\nRUN grandchild\n"
    )
    assert state(text, "RUN base").working_directory.value == "/base"
    child = state(text)
    assert child.working_directory.value == "/base/v1"
    assert child.working_directory.trigger_of is not None
    assert child.scope.environment["V"] == "1"
    assert state(text, "RUN grandchild").working_directory.value == "/base/v1"


def test_arguments_of_the_build_count() -> None:
    text = "ARG U=one\nFROM image\nARG U\nUSER $U\nRUN here\n"
    assert state(text).user.value == "one"
    found = state_at(parse(text), text.index("RUN"), build_args={"U": "two"})
    assert found is not None
    assert found.user.value == "two"


def test_between_instructions_the_state_is_that_after_the_last() -> None:
    text = "# top\nFROM image\n\nUSER a\n# here\n\nUSER b\n"
    assert state_at(parse(text), 0) is None
    assert state_at(parse(text), text.index("FROM")) is None
    assert state(text, "# here").user.value == "a"
    assert state(text, "USER a").user.value is None


@pytest.mark.parametrize(
    ("current", "path", "result"),
    [
        ("/", "a", "/a"),
        ("/a", "", "/a"),
        ("/a", "..", "/"),
        ("//a", "b", "/a/b"),
        ("a", "b", "/a/b"),
        ("/a", "/b/.", "/b/."),
    ],
)
def test_paths_of_workdir(current: str, path: str, result: str) -> None:
    assert working_directory(current, path) == result


@given(dockerfiles())
def test_a_state_is_told_for_every_line_of_a_stage(text: str) -> None:
    document = parse(text)
    found = states(static_scopes(document))
    for stage in found.scopes.stages:
        for instruction in stage.instructions:
            assert found.before(instruction) is found.at(instruction.span.start)
            assert found.scopes.at(instruction) == found.before(instruction).scope  # type: ignore[union-attr]
