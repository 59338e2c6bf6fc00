"""What an editor can fold: stages, instructions of several lines, heredoc bodies, blocks of comments."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.records import record
from dockerlang.semantics.stages import split_stages
from dockerlang.syntax import nodes
from dockerlang.text import Span


@record(order=True)
class Fold:
    """The lines that `span` touches, of which the first stays visible."""

    span: Span
    is_comment: bool = False


def folds(document: nodes.Document) -> tuple[Fold, ...]:
    """All folds of more than one line, in the order of the file."""
    found = {*_stages(document), *_instructions(document), *_comments(document)}
    lines = document.source.lines
    return tuple(sorted(fold for fold in found if lines.line_of(fold.span.end) > lines.line_of(fold.span.start)))


def _stages(document: nodes.Document) -> Iterator[Fold]:
    for stage in split_stages(document):
        last = (stage.instruction, *stage.instructions)[-1]
        yield Fold(Span(stage.instruction.statement.start, last.code_span.end))


def _instructions(document: nodes.Document) -> Iterator[Fold]:
    for instruction in document.instructions:
        yield Fold(instruction.code_span)
        # A single heredoc folds with its instruction.
        if len(instruction.heredocs) > 1:
            for heredoc in instruction.heredocs:
                end = heredoc.end_span or heredoc.body_span
                yield Fold(Span(heredoc.body_span.start, end.start))


def _comments(document: nodes.Document) -> Iterator[Fold]:
    block: list[nodes.Comment] = []
    for item in (*document.items, None):
        if isinstance(item, nodes.Comment):
            block.append(item)
        elif block:
            yield Fold(Span(block[0].hash_offset, block[-1].hash_offset), is_comment=True)
            block = []
