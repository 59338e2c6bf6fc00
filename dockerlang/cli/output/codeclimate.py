"""Diagnostics as issues of Code Climate's engine specification, each followed by a zero byte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.text import Source

_SEVERITIES = {
    Severity.ERROR: "blocker",
    Severity.WARNING: "major",
    Severity.INFO: "info",
    Severity.STYLE: "minor",
}


def as_codeclimate(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """All findings of all files, without a newline at the end; lines count from 1."""
    issues = (issue(source, diagnostic) for source, diagnostics in reports for diagnostic in diagnostics)
    return "".join(f"{json.dumps(each)}\0" for each in issues)


def issue(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding; it covers the lines from the start to the end of its place."""
    begin = source.lines.line_of(diagnostic.span.start) + 1
    last = max(diagnostic.span.start, diagnostic.span.end - 1)
    return {
        "type": "issue",
        "check_name": diagnostic.code,
        "description": printable(diagnostic.message),
        "categories": ["Bug Risk"],
        "location": {"path": printable(source.name), "lines": {"begin": begin, "end": source.lines.line_of(last) + 1}},
        "severity": _SEVERITIES[diagnostic.severity],
    }
