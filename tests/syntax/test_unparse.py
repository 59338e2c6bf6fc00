"""Printing a tree back gives text that reads as the same tree."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from dockerlang.syntax import nodes, parse, problems
from dockerlang.syntax.unparse import unparse
from dockerlang.syntax.walk import equal
from tests.dockerfiles import dockerfiles


def bare(instruction: nodes.Instruction) -> nodes.Instruction:
    """The instruction without what a printed line does not keep: its original blanks and inner comments."""
    return replace(instruction, text="", comments=(), blank_lines=())


@settings(deadline=None)
@given(dockerfiles())
def test_a_printed_tree_reads_as_the_same_tree(text: str) -> None:
    document = parse(text)
    if problems(document) or any(isinstance(found, nodes.OnBuild) for found in document.instructions):
        return
    again = parse(unparse(document))
    assert len(again.instructions) == len(document.instructions)
    for printed, written in zip(again.instructions, document.instructions, strict=True):
        assert equal(bare(printed), bare(written)), unparse(document)


def test_flags_and_arguments_that_look_like_flags() -> None:
    text = "FROM a\nCOPY --chown=a\\ b -- --x /y\n"
    assert unparse(parse(text)) == text
