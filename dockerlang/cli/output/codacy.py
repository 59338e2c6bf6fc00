"""Diagnostics as Codacy's tools give them: a JSON object for each finding, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source


def codacy_lines(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> Iterator[str]:
    """All findings of all files; lines count from 1."""
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            yield json.dumps(
                {
                    "filename": printable(source.name),
                    "line": source.lines.line_of(diagnostic.span.start) + 1,
                    "message": printable(diagnostic.message),
                    "patternId": diagnostic.code,
                }
            )
