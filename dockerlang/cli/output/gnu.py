"""Diagnostics one a line, as the GNU coding standards (4.4) have error messages, which editors know how to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source


def gnu_lines(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> Iterator[str]:
    """`dockerlang:Dockerfile:2: DL3004 error: message`; lines count from 1."""
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            line = source.lines.line_of(diagnostic.span.start) + 1
            words = f"{diagnostic.code} {diagnostic.severity.word}: {printable(diagnostic.message)}"
            yield f"dockerlang:{printable(source.name)}:{line}: {words}"
