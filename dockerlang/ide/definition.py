"""Where what stands at the cursor was defined: a stage, or the setting of a variable that is seen there."""

from __future__ import annotations

from dockerlang.ide.occurrences import occurrence_at
from dockerlang.syntax import nodes
from dockerlang.text import Span


def definition(document: nodes.Document, offset: int) -> Span | None:
    """The place of the name that defines it; None where nothing is named. An ARG of a stage leads to the global one."""
    occurrence = occurrence_at(document, offset)
    return occurrence.definition if occurrence is not None else None
