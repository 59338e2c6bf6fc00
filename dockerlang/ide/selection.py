"""What an editor selects when its user asks for more: word, argument, instruction, stage, file."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.ide.place import instruction_at
from dockerlang.semantics.stages import split_stages
from dockerlang.syntax import nodes
from dockerlang.syntax.walk import path_at
from dockerlang.text import Span


def selections(document: nodes.Document, offset: int) -> tuple[Span, ...]:
    """The spans around `offset`, the smallest first; each encloses the one before it."""
    chain: list[Span] = []
    for span in sorted(set(_spans(document, offset)), key=len):
        if span.touches(offset) and (not chain or span.encloses(chain[-1])):
            chain.append(span)
    return tuple(chain)


def _spans(document: nodes.Document, offset: int) -> Iterator[Span]:
    yield Span(0, len(document.source.text))
    for node in path_at(document, offset):
        if isinstance(node, nodes.Instruction):
            # Its span is whole lines; below, that of its code is given.
            continue
        yield node.span
    instruction = instruction_at(document, offset)
    if instruction is None:
        return
    yield instruction.code_span
    for heredoc in instruction.heredocs:
        yield heredoc.body_span
    stage = split_stages(document).stage_of(instruction)
    if stage is not None:
        last = stage.instructions[-1] if stage.instructions else stage.instruction
        yield Span(stage.instruction.code_span.start, last.code_span.end)
