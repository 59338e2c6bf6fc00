"""Prints diagnostics for people: with colours and links on a terminal, as plain text elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from dockerlang.cli.output.snippet import Line, Piece, Style, diagnostic_lines
from dockerlang.diagnostics import Diagnostic, Safety, Severity
from dockerlang.text import Source

if TYPE_CHECKING:
    from rich.text import Text

WIDTH_WITHOUT_TERMINAL = 160
# Escape sequences (ECMA-48, 8.3.117) for the looks below: rich, which could write them, takes longer to import than a
# run that remembers its findings takes in all.
_SEQUENCES = {
    Style.PLAIN: "",
    Style.ERROR: "1;31",
    Style.WARNING: "1;33",
    Style.INFO: "1;36",
    Style.STYLE: "1;35",
    Style.FRAME: "34",
    Style.LABEL: "34",
    Style.MESSAGE: "1",
    Style.HELP: "1;32",
}
_LOOKS = {
    Style.PLAIN: "",
    Style.ERROR: "bold red",
    Style.WARNING: "bold yellow",
    Style.INFO: "bold cyan",
    Style.STYLE: "bold magenta",
    Style.FRAME: "blue",
    Style.LABEL: "blue",
    Style.MESSAGE: "bold",
    Style.HELP: "bold green",
}


def render_diagnostics(source: Source, diagnostics: Iterable[Diagnostic], *, stream: TextIO | None = None) -> None:
    """Print diagnostics about one file, each followed by an empty line; to standard error if no stream is given."""
    target = stream or sys.stderr
    print_lines(_all_lines([(source, tuple(diagnostics))], _width(target)), target)


def print_report(
    reports: Sequence[tuple[Source, Sequence[Diagnostic]]], stream: TextIO, fixed: int = 0, *, does_colour: bool = True
) -> None:
    """Print the diagnostics of several files, and one line that sums them up; `fixed` findings are there no more."""
    print_lines(_all_lines(reports, _width(stream)), stream, does_colour=does_colour)
    before = f"Fixed {_count(fixed, 'problem')}. " if fixed else ""
    print_lines([(Piece(before + summary(reports)),)], stream, does_colour=does_colour)


def print_lines(lines: Iterable[Line], stream: TextIO, *, does_colour: bool = True) -> None:
    """Print lines; colours and links only where the stream is a terminal that shows them."""
    show = _with_colours if does_colour and shows_colours(stream) else _plain
    for line in lines:
        stream.write("".join(map(show, line)) + "\n")


def _plain(piece: Piece) -> str:
    return piece.text


def _with_colours(piece: Piece) -> str:
    text = piece.text
    if _SEQUENCES[piece.style]:
        text = f"\x1b[{_SEQUENCES[piece.style]}m{text}\x1b[0m"
    return f"\x1b]8;;{piece.url}\x1b\\{text}\x1b]8;;\x1b\\" if piece.url else text


def as_rich_text(line: Line) -> Text:
    """The line as rich's text, for a terminal or a picture."""
    from rich.text import Text

    text = Text()
    for piece in line:
        text.append(piece.text, f"{_LOOKS[piece.style]} link {piece.url}" if piece.url else _LOOKS[piece.style])
    return text


def summary(reports: Sequence[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """`Found 3 errors, 2 warnings in 1 file; 2 fixable with --fix`."""
    diagnostics = [diagnostic for _, found in reports for diagnostic in found]
    if not diagnostics:
        return f"No problems found in {_count(len(reports), 'file')}"
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    kinds = ", ".join(_count(counts[severity], severity.word) for severity in reversed(Severity) if counts[severity])
    files = sum(bool(found) for _, found in reports)
    safeties = Counter(diagnostic.fixes[0].safety for diagnostic in diagnostics if diagnostic.fixes)
    fixable = []
    if safeties[Safety.SAFE]:
        fixable.append(f"{safeties[Safety.SAFE]} fixable with --fix")
    if safeties[Safety.UNSAFE]:
        fixable.append(f"{safeties[Safety.UNSAFE]}{' more' if fixable else ' fixable'} with --unsafe-fixes")
    return f"Found {kinds} in {_count(files, 'file')}" + "".join(f"; {words}" for words in fixable)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 or word in _UNCOUNTED else f"{number} {word}s"


_UNCOUNTED = frozenset({Severity.INFO.word, Severity.STYLE.word})


def _all_lines(reports: Iterable[tuple[Source, Sequence[Diagnostic]]], width: int) -> Iterator[Line]:
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            yield from diagnostic_lines(source, diagnostic, width)
            yield ()


def shows_colours(stream: TextIO) -> bool:
    """Whether the stream is a terminal with colours that nobody has switched off."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _width(stream: TextIO) -> int:
    return shutil.get_terminal_size().columns if stream.isatty() else WIDTH_WITHOUT_TERMINAL
