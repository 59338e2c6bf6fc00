"""Findings of an old text in a new one, until the slow check that made them has run again.

Without this the underlines of ShellCheck would go out with each key and come back when typing stops.
"""

from __future__ import annotations

from collections.abc import Sequence

from dockerlang.diagnostics import Diagnostic
from dockerlang.edits import Edit
from dockerlang.records import replace
from dockerlang.text import Span


def carried_over(findings: Sequence[Diagnostic], edit: Edit) -> tuple[Diagnostic, ...]:
    """The findings that `edit` did not touch, at their new places."""
    if not edit.span and not edit.replacement:
        return tuple(findings)
    delta = len(edit.replacement) - len(edit.span)
    moved = (_moved(finding, edit.span.start, edit.span.end, delta) for finding in findings)
    return tuple(finding for finding in moved if finding is not None)


def _moved(finding: Diagnostic, first: int, last: int, delta: int) -> Diagnostic | None:
    """`finding` after the text from `first` to `last` was replaced and the rest moved; None if it was touched."""
    edits = [edit for fix in finding.fixes for edit in fix.edits]
    spans = [finding.span, *(label.span for label in finding.labels), *(edit.span for edit in edits)]
    if any(span.end >= first and span.start <= last for span in spans):
        return None

    def moved(span: Span) -> Span:
        return span.shift(delta) if span.start > last else span

    return replace(
        finding,
        span=moved(finding.span),
        labels=tuple(replace(label, span=moved(label.span)) for label in finding.labels),
        fixes=tuple(
            replace(fix, edits=tuple(Edit(moved(edit.span), edit.replacement) for edit in fix.edits))
            for fix in finding.fixes
        ),
    )
