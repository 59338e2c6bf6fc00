"""Diagnostics as checkstyle's XML: an element for each file, one below it for each finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import quoteattr

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source


def as_checkstyle(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """All files, those without findings too; lines and columns (in code points) count from 1."""
    files = "".join(_file(source, diagnostics) for source, diagnostics in reports)
    return f'<?xml version="1.0" encoding="UTF-8"?><checkstyle version="4.3">{files}</checkstyle>'


def _file(source: Source, diagnostics: Sequence[Diagnostic]) -> str:
    errors = "".join(_error(source, diagnostic) for diagnostic in diagnostics)
    name = quoteattr(printable(source.name))
    return f"<file name={name}>{errors}</file>" if errors else f"<file name={name}/>"


def _error(source: Source, diagnostic: Diagnostic) -> str:
    position = source.lines.position(diagnostic.span.start)
    return (
        f'<error column="{position.column + 1}" line="{position.line + 1}" '
        f"message={quoteattr(printable(diagnostic.message))} "
        f'severity="{diagnostic.severity.word}" source={quoteattr(diagnostic.code)}/>'
    )
