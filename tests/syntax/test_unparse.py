"""Printing a tree back gives text that reads as the same tree."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from hypothesis import given, settings

from dockerlang.syntax import nodes, parse, problems
from dockerlang.syntax.unparse import unparse
from dockerlang.syntax.walk import equal
from tests.dockerfiles import dockerfiles

WITH_COMMAND = nodes.Run | nodes.Cmd | nodes.Entrypoint | nodes.Shell | nodes.Healthcheck
Argument = TypeVar("Argument", nodes.Word, nodes.Word | nodes.Heredoc)


def bare(instruction: nodes.Instruction) -> nodes.Instruction:
    """The instruction without what a printed line does not keep: its original blanks, inner comments, JSON escapes."""
    if isinstance(instruction, nodes.Transfer):
        destination = None if instruction.destination is None else bare_word(instruction.destination)
        sources = tuple(map(bare_word, instruction.sources))
        instruction = replace(instruction, sources=sources, destination=destination)
    elif isinstance(instruction, nodes.Volume):
        instruction = replace(instruction, paths=tuple(map(bare_word, instruction.paths)))
    elif isinstance(instruction, WITH_COMMAND) and isinstance(instruction.command, nodes.ExecForm):
        elements = tuple(replace(element, escapes=()) for element in instruction.command.elements)
        instruction = replace(instruction, command=replace(instruction.command, elements=elements))
    return replace(instruction, text="", comments=(), blank_lines=())


def bare_word(word: Argument) -> Argument:
    return replace(word, escapes=()) if isinstance(word, nodes.JsonString) else word


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
