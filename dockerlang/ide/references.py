"""All places that name the same stage or variable as the cursor."""

from __future__ import annotations

from dockerlang.ide.occurrences import occurrence_at, occurrences
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span


@record
class Reference:
    """A place that names it; `is_definition` where it is set or declared."""

    span: Span
    is_definition: bool


def references(document: nodes.Document, offset: int) -> tuple[Reference, ...]:
    """The places in the order of the file; empty where the cursor is on no name."""
    chosen = occurrence_at(document, offset)
    if chosen is None:
        return ()
    return tuple(
        Reference(occurrence.span, occurrence.is_definition)
        for occurrence in occurrences(document)
        if occurrence.target == chosen.target
    )
