"""Diagnostics one a line, for people in a hurry and for editors that read `path:line:column: words`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic
from dockerlang.text import Source


def concise_lines(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> Iterator[str]:
    """`Dockerfile:2:14: error DL3004 message`, with `[fix]` before the message where there is one."""
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            position = source.lines.position(diagnostic.span.start)
            place = f"{printable(source.name)}:{position.line + 1}:{position.column + 1}"
            mark = "[fix] " if diagnostic.fixes else ""
            yield f"{place}: {diagnostic.severity.word} {diagnostic.code} {mark}{printable(diagnostic.message)}"
