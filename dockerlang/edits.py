"""Changes to a text: replacements that are applied together and never overlap."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from dockerlang.records import record
from dockerlang.text import Span


@record(order=True)
class Edit:
    """Put `replacement` in the place of `span`; an empty span inserts."""

    span: Span
    replacement: str


class OverlapError(ValueError):
    """Two edits of one set touch the same characters."""


def conflicts(edits: Iterable[Edit]) -> bool:
    """Whether two of the edits overlap, or insert at the same place."""
    ordered = sorted(edits)
    return any(first.span.end > second.span.start or first.span == second.span for first, second in pairwise(ordered))


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits applied at once; raises `OverlapError` where two of them overlap."""
    ordered = sorted(set(edits))
    if conflicts(ordered):
        raise OverlapError("two edits overlap")
    pieces: list[str] = []
    end = 0
    for edit in ordered:
        pieces.append(text[end : edit.span.start])
        pieces.append(edit.replacement)
        end = edit.span.end
    pieces.append(text[end:])
    return "".join(pieces)
