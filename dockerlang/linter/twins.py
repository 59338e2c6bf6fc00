"""Two ways to find the same, by rules of two families or one that knows more: people are shown one, not both."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter.catalog import Catalog
from dockerlang.linter.rule import Family
from dockerlang.text import Span

# What is said better by a syntax error, or by a rule that knows what was meant.
_SAID_BETTER = {
    "DL3061": ("before-first-stage",),
    "DL3043": ("bad-trigger",),
    "DL3025": ("almost-array", "command-as-arguments"),
    "DL3000": ("almost-array", "tilde-in-path"),
    "DL3045": ("tilde-in-path",),
    "WorkdirRelativePath": ("almost-array", "tilde-in-path"),
    "LegacyKeyValueFormat": ("blank-before-equals", "colon-in-name"),
}


def without_twins(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings without those whose twin is shown: BuildKit's beside hadolint's, any beside what says it better."""
    rules = Catalog.load().by_code
    shown = tuple(diagnostics)
    places = [(found.code, found.span) for found in shown]
    kept = []
    for found in shown:
        rule = rules.get(found.code)
        twins = _SAID_BETTER.get(found.code, ())
        if rule is not None and rule.family is Family.BUILDKIT and rule.twin:
            twins = (*twins, rule.twin)
        if twins and any(code in twins and _touch(span, found.span) for code, span in places):
            continue
        kept.append(found)
    return tuple(kept)


def _touch(first: Span, second: Span) -> bool:
    return first.start <= second.end and second.start <= first.end
