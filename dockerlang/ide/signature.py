"""The form of the instruction at the cursor, and which of its parts is being written."""

from __future__ import annotations

import re

from dockerlang.ide.guide import GUIDES
from dockerlang.ide.place import Place, place_at
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span

_PART = re.compile(r"[^ ]+")


@record
class Signature:
    """A form with the spans of its parts in `label`, the `active` part (an index), and what the instruction is for."""

    label: str
    parts: tuple[Span, ...]
    active: int
    purpose: str


def signature(document: nodes.Document, offset: int) -> Signature | None:
    """The form for the cursor at `offset`; None outside of instructions and in heredocs."""
    place = place_at(document, offset)
    guide = GUIDES.get(place.instruction.KEYWORD) if place is not None else None
    if place is None or guide is None or place.heredoc is not None:
        return None
    is_json = (*place.arguments, place.word)[0].startswith("[")
    form = next((form for form in guide.forms if ('["' in form) == is_json), guide.forms[0])
    parts = tuple(
        Span(*match.span())
        for match in _PART.finditer(form, len(guide.keyword))
        if match[0].strip('",[]') not in ("...", "")
    )
    return Signature(form, parts, _active(place, form, parts), guide.purpose)


def _active(place: Place, form: str, parts: tuple[Span, ...]) -> int:
    """Of a form that ends in `...`, all further words are the last part; else what nothing follows is the last."""
    has_flags = bool(parts) and form[parts[0].start : parts[0].end].startswith(("[FLAGS", "[--"))
    if place.is_among_flags and place.word.startswith("-") and has_flags:
        return 0
    first = int(has_flags)
    last = len(parts) - 1
    number = len(place.arguments)
    if isinstance(place.instruction, nodes.Transfer) and number:
        return last if not place.words_after else first
    return max(min(first + number, last), 0)
