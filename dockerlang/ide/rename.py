"""Renames a stage or a variable at every place that means it."""

from __future__ import annotations

import re

from dockerlang.edits import Edit
from dockerlang.errors import InputError
from dockerlang.ide.occurrences import Occurrence, StageTarget, occurrence_at, occurrences
from dockerlang.semantics.predefined import is_automatic, is_proxy_argument
from dockerlang.syntax import nodes
from dockerlang.text import Span

_STAGE = re.compile(r"[a-z][a-z0-9_.-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Words that FROM reads as something else.
_RESERVED = frozenset({"scratch", "context"})


def renamable(document: nodes.Document, offset: int) -> Span | None:
    """The name at `offset` that can be changed; None where there is none, or where the build gives the name."""
    chosen = occurrence_at(document, offset)
    if chosen is None:
        return None
    if isinstance(chosen.target, StageTarget):
        return _name_in(document, chosen, _name_of(document, chosen))
    name = chosen.target.name
    return None if is_automatic(name) or is_proxy_argument(name) else chosen.span


def rename(document: nodes.Document, offset: int, name: str) -> tuple[Edit, ...]:
    """The edits that give what stands at `offset` another name; a stage that is named by its number stays so.

    Raises `InputError` where nothing can be renamed, or where `name` is none or already means something else.
    """
    chosen = occurrence_at(document, offset)
    if chosen is None or renamable(document, offset) is None:
        raise InputError("nothing here can be renamed")
    found = occurrences(document)
    is_stage = isinstance(chosen.target, StageTarget)
    if not (_STAGE if is_stage else _VARIABLE).fullmatch(name) or (is_stage and name in _RESERVED):
        raise InputError(f"`{name}` cannot be the name of a {'stage' if is_stage else 'variable'}")
    if any(
        type(other.target) is type(chosen.target)
        and other.target != chosen.target
        and _name_of(document, other) == name
        for other in found
    ):
        raise InputError(f"`{name}` is taken already", hint="choose another name")
    old = _name_of(document, chosen)
    places = (_name_in(document, occurrence, old) for occurrence in found if occurrence.target == chosen.target)
    return tuple(Edit(place, name) for place in places if place is not None)


def _name_of(document: nodes.Document, occurrence: Occurrence) -> str:
    """The name of what is meant, lower-cased for a stage; empty for a stage without one."""
    if not isinstance(occurrence.target, StageTarget):
        return occurrence.target.name
    stage = tuple(document.all_of(nodes.From))[occurrence.target.index].stage
    return stage.text.lower() if stage is not None else ""


def _name_in(document: nodes.Document, occurrence: Occurrence, name: str) -> Span | None:
    """Where the name itself stands in an occurrence, quotes aside; None where a number or a keyword stands for it."""
    start = document.source.slice(occurrence.span).lower().find(name.lower()) if name else -1
    return occurrence.span.part(start, start + len(name)) if start >= 0 else None
