"""Findings as bytes and back: how they are kept in a cache and sent from one process to another."""

from __future__ import annotations

import json
from typing import Any

from dockerlang.diagnostics import Diagnostic, Fix, Label, Safety, Severity, Tag
from dockerlang.edits import Edit
from dockerlang.records import record
from dockerlang.text import Span


@record
class FileFindings:
    """What was found in one file, and the part of it that people are shown (one of two twins)."""

    diagnostics: tuple[Diagnostic, ...]
    shown: tuple[Diagnostic, ...]


def to_bytes(findings: FileFindings) -> bytes:
    """The findings in a form that `from_bytes` understands in the same version of this package."""
    shown = {id(diagnostic) for diagnostic in findings.shown}
    values = [[id(diagnostic) in shown, *_values(diagnostic)] for diagnostic in findings.diagnostics]
    # Surrogates stand for bytes that are not UTF-8; JSON's escapes keep them.
    return json.dumps(values, separators=(",", ":")).encode("ascii")


def from_bytes(data: bytes) -> FileFindings:
    """The inverse of `to_bytes`. Raises `ValueError` for anything else."""
    try:
        pairs = [(is_shown, _diagnostic(values)) for is_shown, *values in json.loads(data)]
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError("these are no stored findings") from error
    return FileFindings(
        tuple(diagnostic for _, diagnostic in pairs), tuple(diagnostic for is_shown, diagnostic in pairs if is_shown)
    )


def _values(diagnostic: Diagnostic) -> list[Any]:
    return [
        diagnostic.code,
        diagnostic.severity.value,
        diagnostic.span.start,
        diagnostic.span.end,
        diagnostic.message,
        diagnostic.note,
        diagnostic.help,
        diagnostic.url,
        [[label.span.start, label.span.end, label.message] for label in diagnostic.labels],
        [
            [fix.title, fix.safety.value, [[edit.span.start, edit.span.end, edit.replacement] for edit in fix.edits]]
            for fix in diagnostic.fixes
        ],
        sorted(tag.value for tag in diagnostic.tags),
    ]


def _diagnostic(values: list[Any]) -> Diagnostic:
    code, severity, start, end, message, note, help_, url, labels, fixes, tags = values
    return Diagnostic(
        code=code,
        severity=_SEVERITIES[severity],
        span=Span(start, end),
        message=message,
        note=note,
        help=help_,
        labels=tuple(Label(Span(start, end), words) for start, end, words in labels),
        fixes=tuple(
            Fix(title, tuple(Edit(Span(start, end), text) for start, end, text in edits), _SAFETIES[safety])
            for title, safety, edits in fixes
        ),
        url=url,
        tags=frozenset(map(Tag, tags)) if tags else _NO_TAGS,
    )


_SEVERITIES = {severity.value: severity for severity in Severity}
_SAFETIES = {safety.value: safety for safety in Safety}
_NO_TAGS: frozenset[Tag] = frozenset()
