"""A diagnostic as lines of text: what is wrong, the source with the place underlined, and what to do about it.

Lines are made of pieces with the name of a style each, so that the same lines serve a terminal with colours, plain text
and pictures.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from dockerlang.cli.output.printable import printable, printable_character
from dockerlang.diagnostics import Diagnostic, Safety, Severity
from dockerlang.records import record
from dockerlang.text import Source, Span

TAB_WIDTH = 4
# Of a span over many lines the first and the last few are shown.
_LINES_AT_START = 3
_LINES_AT_END = 1
_CONTEXT = 24


class Style(Enum):
    """What a piece of text is; how that looks is for the printer to say."""

    PLAIN = "plain"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    STYLE = "style"
    FRAME = "frame"
    LABEL = "label"
    MESSAGE = "message"
    HELP = "help"


@record
class Piece:
    """A stretch of text in one style; `url` makes it a link where links can be shown."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""


Line = tuple[Piece, ...]


@record
class _Mark:
    """An underline on one line: from column to column in code points, with the words behind it."""

    start: int
    end: int
    sign: str
    style: Style
    words: str


def severity_style(severity: Severity) -> Style:
    """The style of a severity."""
    return Style(severity.word)


def diagnostic_lines(source: Source, diagnostic: Diagnostic, width: int) -> Iterator[Line]:
    """The lines for one diagnostic; lines of the source are cut to `width` columns around what is underlined."""
    position = source.lines.position(diagnostic.span.start)
    marks = _marks(source, diagnostic)
    gutter = len(str(max(marks) + 1)) if marks else 1
    style = severity_style(diagnostic.severity)
    code = Piece(f"[{diagnostic.code}]", style, diagnostic.url)
    yield Piece(diagnostic.severity.word, style), code, Piece(f": {printable(diagnostic.message)}", Style.MESSAGE)
    place = f"{source.name}:{position.line + 1}:{position.column + 1}"
    yield Piece(f"{' ' * gutter}--> ", Style.FRAME), Piece(place)
    yield (Piece(f"{' ' * gutter} |", Style.FRAME),)
    previous: int | None = None
    for line in sorted(marks):
        if previous is not None and line > previous + 1:
            yield (Piece("." * max(3, gutter), Style.FRAME),)
        yield from _source_lines(source, line, marks[line], gutter, width)
        previous = line
    yield from _notes(diagnostic, gutter)


def _notes(diagnostic: Diagnostic, gutter: int) -> Iterator[Line]:
    notes = [("help", diagnostic.help)] if diagnostic.help else []
    for fix in diagnostic.fixes[:1]:
        option = "--fix" if fix.safety is Safety.SAFE else "--unsafe-fixes"
        if diagnostic.help.replace("`", "") == fix.title.replace("`", ""):
            notes = []
        notes.append(("fix", f"{fix.title} ({option})"))
    if notes:
        yield (Piece(f"{' ' * gutter} |", Style.FRAME),)
    for kind, words in notes:
        yield Piece(f"{' ' * gutter} = ", Style.FRAME), Piece(f"{kind}: ", Style.HELP), Piece(printable(words))


# ---------------------------------------------------------------- marks


def _marks(source: Source, diagnostic: Diagnostic) -> dict[int, list[_Mark]]:
    """The underlines of each line, by line numbers from 0."""
    marks: dict[int, list[_Mark]] = {}
    style = severity_style(diagnostic.severity)
    for line, mark in _marks_of(source, diagnostic.span, "^", style, diagnostic.note):
        marks.setdefault(line, []).append(mark)
    # Words that belong to several places are said once, at the last of them.
    last = {label.message: label for label in diagnostic.labels}
    for label in diagnostic.labels:
        words = label.message if last[label.message] is label else ""
        for line, mark in _marks_of(source, label.span, "-", Style.LABEL, words):
            marks.setdefault(line, []).append(mark)
    return marks


def _marks_of(source: Source, span: Span, sign: str, style: Style, words: str) -> Iterator[tuple[int, _Mark]]:
    lines = source.lines
    first = lines.line_of(span.start)
    last = lines.line_of(max(span.end - 1, span.start))
    numbers: Sequence[int] = range(first, last + 1)
    if len(numbers) > _LINES_AT_START + _LINES_AT_END + 1:
        numbers = (*numbers[:_LINES_AT_START], *numbers[-_LINES_AT_END:])
    for number in numbers:
        line = lines.span_of(number)
        text = source.slice(line)
        start = max(span.start, line.start) - line.start
        end = min(span.end, line.end) - line.start
        if number > first:
            start = len(text) - len(text.lstrip())
        # A place between two characters, or behind the last one, is shown as one column.
        end = max(end, min(start, len(text)) + 1)
        yield number, _Mark(min(start, len(text)), end, sign, style, printable(words) if number == numbers[-1] else "")


# ---------------------------------------------------------------- lines of the source


def _source_lines(source: Source, number: int, marks: Iterable[_Mark], gutter: int, width: int) -> Iterator[Line]:
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
    text = source.lines.line_text(number)
    room = max(width - gutter - 4, 20)
    left, right = _window(text, ordered, room)
    shown, columns = _displayed(text[left:right])
    before, after = "…" if left else "", "…" if right < len(text) else ""
    yield Piece(f"{number + 1:>{gutter}} | ", Style.FRAME), Piece(f"{before}{shown}{after}".rstrip())
    for row in _rows(ordered):
        pieces = [Piece(f"{' ' * gutter} | ", Style.FRAME)]
        at = 0
        for mark in row:
            start = columns[min(max(mark.start - left, 0), right - left)] + len(before)
            end = columns[min(max(mark.end - left, 0), right - left)] + len(before)
            width_of_mark = max(end - start, 1)
            pieces.append(Piece(" " * (start - at)))
            pieces.append(Piece(mark.sign * width_of_mark + (f" {mark.words}" if mark.words else ""), mark.style))
            at = start + width_of_mark
        yield tuple(pieces)


def _rows(marks: Sequence[_Mark]) -> Iterator[list[_Mark]]:
    """Marks side by side as far as there is room: words end a row, and a mark under another one begins a new row."""
    row: list[_Mark] = []
    for mark in marks:
        if row and (row[-1].words or mark.start <= row[-1].end):
            yield row
            row = []
        row.append(mark)
    if row:
        yield row


def _window(text: str, marks: Sequence[_Mark], room: int) -> tuple[int, int]:
    """Which part of a long line is shown: from a little before the first mark on, as much as fits into `room`."""
    if len(text) <= room and _display_width(text) <= room:
        return 0, len(text)
    left = max(0, min(marks[0].start - _CONTEXT, len(text) - room))
    right = min(len(text), left + room)
    # Two columns are for the signs that say that something is left out.
    while right > left + 1 and _display_width(text[left:right]) > room - 2:
        right -= 1
    return left, right


def _display_width(text: str) -> int:
    return len(text) if text.isascii() and text.isprintable() else _displayed(text)[1][-1]


def _displayed(text: str) -> tuple[str, list[int]]:
    """The text as it can be shown, and for each of its characters (and the end) the column at which it stands."""
    shown: list[str] = []
    columns: list[int] = []
    column = 0
    for character in text:
        columns.append(column)
        if character == "\t":
            piece = " " * (TAB_WIDTH - column % TAB_WIDTH)
            column += len(piece)
        else:
            piece = printable_character(character)
            column += _width(piece)
        shown.append(piece)
    columns.append(column)
    return "".join(shown), columns


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
