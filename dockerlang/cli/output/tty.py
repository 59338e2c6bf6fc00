"""Diagnostics as hadolint prints them by default: file and line, code, severity, message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dockerlang.cli.output.printable import printable
from dockerlang.cli.output.snippet import Line, Piece, Style
from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.text import Source

_STYLES = {
    Severity.ERROR: Style.ERROR,
    Severity.WARNING: Style.WARNING,
    Severity.INFO: Style.INFO,
    Severity.STYLE: Style.STYLE,
}


def tty_lines(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> Iterator[Line]:
    """`Dockerfile:2 DL3004 error: message`, the severity in its colour; lines count from 1."""
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            line = source.lines.line_of(diagnostic.span.start) + 1
            yield (
                Piece(f"{printable(source.name)}:{line} {diagnostic.code} "),
                Piece(diagnostic.severity.word, _STYLES[diagnostic.severity]),
                Piece(f": {printable(diagnostic.message)}"),
            )
