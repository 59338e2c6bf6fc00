"""Comments that silence what a file has today, so that only what is new is reported from now on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.edits import Edit
from dockerlang.linter.catalog import Catalog
from dockerlang.syntax import nodes
from dockerlang.text import Span

_SHELLCHECK = re.compile(r"SC\d+")


def ignore_comments(document: nodes.Document, diagnostics: Iterable[Diagnostic]) -> tuple[Edit, ...]:
    """A comment above each instruction with findings, and one for the file where they belong to none.

    Mistakes of syntax are not silenced: such a file cannot be built.
    """
    known = Catalog.load().by_code
    by_place: dict[int, dict[str, None]] = {}
    everywhere: dict[str, None] = {}
    places = list(_places(document))
    for found in diagnostics:
        if found.code not in known and not _SHELLCHECK.fullmatch(found.code):
            continue
        at = next((start for span, start in places if found.span.start in span), None)
        (everywhere if at is None else by_place.setdefault(at, {}))[found.code] = None
    edits = [_comment(document, at, "ignore", codes) for at, codes in by_place.items()]
    if everywhere:
        first = min((start for _, start in places), default=document.span.end)
        edits.insert(0, _comment(document, first, "ignore-file", everywhere))
    return tuple(sorted(edits, key=lambda edit: edit.span))


def _places(document: nodes.Document) -> Iterator[tuple[Span, int]]:
    """Each instruction, and where a comment for it is put: above the comments right above it."""
    start: int | None = None
    for item in document.items:
        if isinstance(item, nodes.Comment):
            start = item.span.start if start is None else start
        elif isinstance(item, nodes.Instruction):
            yield item.span, item.span.start if start is None else start
            start = None
        else:
            start = None


def _comment(document: nodes.Document, at: int, word: str, codes: Iterable[str]) -> Edit:
    ending = "\r\n" if "\r\n" in document.source.text else "\n"
    return Edit(Span(at, at), f"# dockerlang: {word}[{', '.join(codes)}]{ending}")
