"""Diagnostics as SonarQube's generic issues, for `sonar.externalIssuesReportPaths`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.text import Source

_SEVERITIES = {
    Severity.ERROR: ("CRITICAL", "BUG"),
    Severity.WARNING: ("MAJOR", "CODE_SMELL"),
    Severity.INFO: ("MINOR", "CODE_SMELL"),
    Severity.STYLE: ("INFO", "CODE_SMELL"),
}


def as_sonarqube(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """All findings of all files; lines count from 1, columns from 0."""
    issues = [_issue(source, diagnostic) for source, diagnostics in reports for diagnostic in diagnostics]
    return json.dumps({"issues": issues})


def _issue(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    severity, kind = _SEVERITIES[diagnostic.severity]
    start, end = source.lines.position(diagnostic.span.start), source.lines.position(diagnostic.span.end)
    # An empty range is refused; what stands nowhere is shown at one character.
    end_column = end.column if end > start else start.column + 1
    return {
        "engineId": "dockerlang",
        "ruleId": diagnostic.code,
        "severity": severity,
        "type": kind,
        "primaryLocation": {
            "message": printable(diagnostic.message),
            "filePath": printable(source.name),
            "textRange": {
                "startLine": start.line + 1,
                "startColumn": start.column,
                "endLine": end.line + 1,
                "endColumn": end_column,
            },
        },
    }
