"""Two ways to find the same, by rules of two families or by a rule and the syntax: people are shown one, not both."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter.catalog import Catalog
from dockerlang.linter.rule import Family
from dockerlang.text import Span

# Rules of hadolint that find what is a syntax error anyway.
_SAID_BY_SYNTAX = {"DL3061": "before-first-stage", "DL3043": "bad-trigger"}


def without_twins(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings without those whose twin is shown: BuildKit's beside hadolint's, a rule's beside a syntax error."""
    rules = Catalog.load().by_code
    shown = tuple(diagnostics)
    places = [(found.code, found.span) for found in shown]
    kept = []
    for found in shown:
        rule = rules.get(found.code)
        twin = rule.twin if rule is not None and rule.family is Family.BUILDKIT else _SAID_BY_SYNTAX.get(found.code, "")
        if twin and any(code == twin and _touch(span, found.span) for code, span in places):
            continue
        kept.append(found)
    return tuple(kept)


def _touch(first: Span, second: Span) -> bool:
    return first.start <= second.end and second.start <= first.end
