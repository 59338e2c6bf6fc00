"""Rules of two families that find the same: people are shown one finding, not two."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter.catalog import Catalog
from dockerlang.linter.rule import Family
from dockerlang.text import Span


def without_twins(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings without those of BuildKit whose twin of hadolint stands at an overlapping or touching place."""
    rules = Catalog.load().by_code
    shown = tuple(diagnostics)
    places = [(found.code, found.span) for found in shown]
    kept = []
    for found in shown:
        rule = rules.get(found.code)
        twin = rule.twin if rule is not None and rule.family is Family.BUILDKIT else ""
        if twin and any(code == twin and _touch(span, found.span) for code, span in places):
            continue
        kept.append(found)
    return tuple(kept)


def _touch(first: Span, second: Span) -> bool:
    return first.start <= second.end and second.start <= first.end
