"""A finding at another place: what an edit elsewhere in the file makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dockerlang.diagnostics import Diagnostic, Fix, Label
from dockerlang.edits import Edit
from dockerlang.text import Span


def places(finding: Diagnostic) -> Iterator[Span]:
    """All places that a finding speaks of: its own, those of its labels, those that its fixes change."""
    yield finding.span
    for label in finding.labels:
        yield label.span
    for fix in finding.fixes:
        for edit in fix.edits:
            yield edit.span


def moved(finding: Diagnostic, where: Callable[[Span], Span]) -> Diagnostic:
    """The finding with each of its places where `where` says that it is now."""
    return Diagnostic(
        code=finding.code,
        severity=finding.severity,
        span=where(finding.span),
        message=finding.message,
        note=finding.note,
        help=finding.help,
        labels=tuple(Label(where(label.span), label.message) for label in finding.labels),
        fixes=tuple(
            Fix(fix.title, tuple(Edit(where(edit.span), edit.replacement) for edit in fix.edits), fix.safety)
            for fix in finding.fixes
        ),
        url=finding.url,
        tags=finding.tags,
    )
