"""Diagnostics as workflow commands of GitHub Actions, which shows them at the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.text import Source

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.STYLE: "notice",
}


def github_lines(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> Iterator[str]:
    """One command a finding."""
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            start = source.lines.position(diagnostic.span.start)
            end = source.lines.position(diagnostic.span.end)
            properties = {
                "file": source.name,
                "line": start.line + 1,
                "endLine": end.line + 1,
                "col": start.column + 1,
                "endColumn": end.column + 1,
                "title": diagnostic.code,
            }
            listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
            yield f"::{_COMMANDS[diagnostic.severity]} {listed}::{_data(diagnostic.message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
