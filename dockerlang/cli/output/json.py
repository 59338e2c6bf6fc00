"""Diagnostics as JSON, with the fields that hadolint gives: one array of `line code message column file level`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source


def as_json(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """All findings of all files; lines and columns (in code points) count from 1."""
    findings = [_finding(source, diagnostic) for source, diagnostics in reports for diagnostic in diagnostics]
    return json.dumps(findings)


def json_lines(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> Iterator[str]:
    """The same, an object a line."""
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            yield json.dumps(_finding(source, diagnostic))


def _finding(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    position = source.lines.position(diagnostic.span.start)
    return {
        "line": position.line + 1,
        "code": diagnostic.code,
        "message": printable(diagnostic.message),
        "column": position.column + 1,
        "file": source.name,
        "level": diagnostic.severity.word,
    }
