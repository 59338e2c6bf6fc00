"""The Markdown cases of this folder: `$0` is the cursor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from dockerlang.edits import Edit, apply_edits
from dockerlang.errors import InputError
from dockerlang.ide.completion import complete
from dockerlang.ide.definition import definition
from dockerlang.ide.folding import folds
from dockerlang.ide.hover import hover
from dockerlang.ide.inlay_hints import inlay_hints
from dockerlang.ide.links import links
from dockerlang.ide.references import references
from dockerlang.ide.rename import rename
from dockerlang.ide.selection import selections
from dockerlang.ide.signature import signature
from dockerlang.ide.symbols import Symbol, document_symbols
from dockerlang.ide.tokens import tokens
from dockerlang.syntax import nodes, parse
from dockerlang.text import Span
from tests.markdown_cases import Case, parametrize


def with_cursor(text: str) -> tuple[nodes.Document, int]:
    """The document without the mark, and the mark's offset."""
    offset = text.index("$0")
    return parse(text[:offset] + text[offset + 2 :]), offset


def shown_completions(text: str) -> str:
    """One offer a line: its label, what is inserted where that is something else, its detail."""
    document, offset = with_cursor(text)
    lines = []
    for offer in complete(document, offset):
        assert offer.span.end == offset
        inserted = f" -> {offer.text}" if offer.text != offer.label else ""
        replaced = document.source.slice(offer.span)
        lines.append(offer.label + inserted + (f" (for {replaced})" if replaced else "") + _detail(offer.detail))
    return _block(lines)


def shown_hover(text: str) -> str:
    document, offset = with_cursor(text)
    card = hover(document, offset)
    if card is None:
        return "nothing\n"
    return f"on {document.source.slice(card.span)}\n\n{card.markdown.replace('```', '~~~')}\n"


def shown_definition(text: str) -> str:
    document, offset = with_cursor(text)
    span = definition(document, offset)
    return "nothing\n" if span is None else marked(document, span) + "\n"


def shown_references(text: str) -> str:
    """One place a line; definitions are marked by `def`."""
    document, offset = with_cursor(text)
    found = references(document, offset)
    return _block(f"{'def' if place.is_definition else 'use'} {marked(document, place.span)}" for place in found)


def shown_symbols(text: str) -> str:
    return _block(line for symbol in document_symbols(parse(text)) for line in _outline(symbol, 0))


def shown_folds(text: str) -> str:
    """First and last line, from 1."""
    document = parse(text)
    line_of = document.source.lines.line_of
    return _block(
        f"{line_of(fold.span.start) + 1}-{line_of(fold.span.end) + 1}{' comment' if fold.is_comment else ''}"
        for fold in folds(document)
    )


def shown_rename(text: str) -> str:
    """The text with the name at the cursor changed to `renamed`, or why that cannot be."""
    document, offset = with_cursor(text)
    try:
        return apply_edits(document.source.text, rename(document, offset, "renamed"))
    except InputError as error:
        return f"{error}\n"


def shown_selections(text: str) -> str:
    """What is selected, the smallest first, each as JSON."""
    document, offset = with_cursor(text)
    return _block(json.dumps(document.source.slice(span)) for span in selections(document, offset))


def shown_links(text: str) -> str:
    document = parse(text)
    return _block(f"{document.source.slice(link.span)} -> {link.url or link.path}" for link in links(document))


def shown_hints(text: str) -> str:
    """The text with the hints in it."""
    document = parse(text)
    everything = Span(0, len(text))
    edits = [Edit(Span(hint.offset, hint.offset), f"«{hint.text}»") for hint in inlay_hints(document, everything)]
    return apply_edits(text, edits)


def shown_tokens(text: str) -> str:
    document = parse(text)
    return _block(f"{token.kind.value} {document.source.slice(token.span)}" for token in tokens(document))


def shown_signature(text: str) -> str:
    """The form, with the part that is being written in brackets."""
    document, offset = with_cursor(text)
    found = signature(document, offset)
    if found is None:
        return "nothing\n"
    part = found.parts[found.active]
    return f"{found.label[: part.start]}<{found.label[part.start : part.end]}>{found.label[part.end :]}\n"


def marked(document: nodes.Document, span: Span) -> str:
    """The line of a span, with its number from 1 and the span in brackets."""
    lines = document.source.lines
    number = lines.line_of(span.start)
    line = lines.span_of(number)
    text = document.source.text
    return f"{number + 1}: {text[line.start : span.start]}[{document.source.slice(span)}]{text[span.end : line.end]}"


def _outline(symbol: Symbol, depth: int) -> Iterable[str]:
    assert symbol.span.encloses(symbol.selection)
    yield f"{'  ' * depth}{symbol.kind.value} {symbol.name}{_detail(symbol.detail)}"
    for child in symbol.children:
        assert symbol.span.encloses(child.span)
        yield from _outline(child, depth + 1)


def _detail(detail: str) -> str:
    return f"  # {detail}" if detail else ""


def _block(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines) or "nothing\n"


FUNCTIONS = {
    "completion": shown_completions,
    "hover": shown_hover,
    "definition": shown_definition,
    "references": shown_references,
    "symbols": shown_symbols,
    "folds": shown_folds,
    "renamed": shown_rename,
    "selections": shown_selections,
    "links": shown_links,
    "hints": shown_hints,
    "tokens": shown_tokens,
    "signature": shown_signature,
}


@parametrize(Path(__file__).parent.glob("*.md"))
def test_case(case: Case, request: pytest.FixtureRequest) -> None:
    case.check(FUNCTIONS, request.config)
