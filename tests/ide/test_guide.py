"""The tables of hover and completion against what the syntax and the semantics know."""

from __future__ import annotations

import pytest

from dockerlang.ide.guide import DIRECTIVES, GUIDES, InstructionGuide
from dockerlang.ide.mount_options import ALIASES, MOUNT_TYPES, VALUES
from dockerlang.semantics.mounts import InvalidMount, mount_values
from dockerlang.syntax import nodes, parse, problems
from dockerlang.syntax.flags import FLAGS, FlagKind
from dockerlang.syntax.scanner import DIRECTIVE_NAMES


def test_every_instruction_and_directive_has_a_guide() -> None:
    assert set(GUIDES) == set(nodes.INSTRUCTIONS)
    assert set(DIRECTIVES) == DIRECTIVE_NAMES


def test_every_flag_has_a_guide() -> None:
    assert {name: set(guide.flags) for name, guide in GUIDES.items() if guide.flags} == {
        name: set(flags) for name, flags in FLAGS.items()
    }


@pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)
def test_the_example_is_right(guide: InstructionGuide) -> None:
    stage = "" if guide.keyword == "FROM" else "FROM scratch\n"
    document = parse(f"{stage}{guide.example}\n")
    assert problems(document) == ()
    assert guide.keyword == document.instructions[-1].KEYWORD


@pytest.mark.parametrize("guide", [guide for guide in GUIDES.values() if guide.flags], ids=lambda guide: guide.keyword)
def test_offered_values_of_flags_are_accepted(guide: InstructionGuide) -> None:
    stage = "" if guide.keyword == "FROM" else "FROM scratch\n"
    for name, flag in guide.flags.items():
        assert FLAGS[guide.keyword][name] is not FlagKind.BOOLEAN or not flag.values
        for value in flag.values:
            arguments = {"FROM": "scratch", "HEALTHCHECK": "CMD x"}.get(guide.keyword, "a b")
            assert problems(parse(f"{stage}{guide.keyword} --{name}={value} {arguments}\n")) == ()


@pytest.mark.parametrize("mount_type", MOUNT_TYPES)
def test_offered_keys_of_mounts_are_accepted(mount_type: str) -> None:
    values = {"mode": "0755", "uid": "1", "gid": "1", "size": "1m", "sharing": "locked"}
    needed = {"secret": "id=x"}.get(mount_type, "target=/x")
    for key in MOUNT_TYPES[mount_type].keys:
        name = key.removesuffix("=")
        if name in needed or (mount_type, name) == ("secret", "source"):
            continue
        option = f"{key}{values.get(name, '/y')}" if key.endswith("=") else key
        document = parse(f"FROM scratch\nRUN --mount=type={mount_type},{needed},{option} x\n")
        (run,) = document.all_of(nodes.Run)
        try:
            mount_values(run.mounts[0], lambda word: word.text)
        except InvalidMount as refusal:
            pytest.fail(f"{option} of {mount_type}: {refusal}")


def test_aliases_and_values_belong_to_keys_that_are_offered() -> None:
    keys = {key.removesuffix("=") for mount_type in MOUNT_TYPES.values() for key in mount_type.keys}
    assert set(ALIASES.values()) <= keys
    assert set(VALUES) <= keys | {"type"}
