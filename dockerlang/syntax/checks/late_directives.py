"""Directives that are read as comments: they stand too far down, or are misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import warning
from dockerlang.syntax.scanner import DIRECTIVE_NAMES
from dockerlang.text import Span, nearest

_DIRECTIVE = re.compile(r"(?P<name>[A-Za-z]+)\s*(?P<sign>[:=])\s*(?P<value>\S+)")
# What their values look like; anything else is prose.
_VALUES = {
    "escape": re.compile(r"[`\\]"),
    "syntax": re.compile(r"\S*dockerfile\S*"),
    "check": re.compile(r"(?:skip|error)=\S+"),
}
_LIKE_ENOUGH = 0.75


def late_directives(document: nodes.Document) -> Iterator[Diagnostic]:
    """Comments above the first instruction that were meant as directives."""
    given = {directive.name for directive in document.directives}
    is_at_top = True
    for item in document.items:
        if isinstance(item, nodes.Instruction):
            return
        if isinstance(item, nodes.Comment):
            match = _DIRECTIVE.fullmatch(item.text)
            name = _meant(match) if match is not None else ""
            if match is not None and name and name not in given:
                yield _report(item, match, name, document, is_at_top=is_at_top)
        is_at_top = is_at_top and isinstance(item, nodes.Directive)


def _meant(match: re.Match[str]) -> str:
    written = match["name"].lower()
    name = written if written in DIRECTIVE_NAMES else nearest(written, sorted(DIRECTIVE_NAMES), cutoff=_LIKE_ENOUGH)
    return name if name and _VALUES[name].fullmatch(match["value"]) else ""


def _report(
    item: nodes.Comment, match: re.Match[str], name: str, document: nodes.Document, *, is_at_top: bool
) -> Diagnostic:
    end = item.hash_offset + len(document.source.text[item.hash_offset : item.span.end].rstrip())
    span = Span(item.hash_offset, end)
    whole = f"`# {name}={match['value']}`"
    if match["name"].lower() != name:
        return warning(
            "unknown-directive", span, f"`{match['name']}` is no directive: this is a comment", f"write {whole}"
        )
    if match["sign"] == ":":
        return warning("unknown-directive", span, "this is a comment: a directive has `=`", f"write {whole}")
    message = f"`{name}` has no effect here: it is a comment"
    help_text = "directives stand at the very top, above comments and empty lines"
    if is_at_top:
        help_text = "write it without anything around it"
    return warning("late-directive", span, message, help_text)
