"""Positions in text: spans, sources, and lines with columns in the three Unicode encodings.

An offset counts code points from the start of the text (Python's `str` index). Bytes that are not UTF-8 are kept as
surrogate escapes, so that text and file convert both ways without loss.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import field
from enum import Enum
from functools import cached_property

from dockerlang.records import record


@record(order=True)
class Span:
    """A half-open range `[start, end)` of offsets; `0 <= start <= end`."""

    start: int
    end: int

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.end

    def __len__(self) -> int:
        return self.end - self.start

    def touches(self, offset: int) -> bool:
        """Whether a cursor at `offset` is inside the span or at one of its ends."""
        return self.start <= offset <= self.end

    def encloses(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end

    def shift(self, delta: int) -> Span:
        """The same span, `delta` characters further on."""
        return Span(self.start + delta, self.end + delta)

    def part(self, start: int, end: int) -> Span:
        """The span of `[start, end)`, counted from this span's start."""
        return Span(self.start + start, self.start + end)


class Encoding(Enum):
    """How columns are counted: in bytes, in UTF-16 code units (the LSP's default), or in code points."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def width(self, text: str) -> int:
        """The length of `text` in this encoding's units."""
        match self:
            case Encoding.UTF8:
                return _utf8_width(text)
            case Encoding.UTF16:
                return len(text) + sum(character > "\uffff" for character in text)
            case Encoding.UTF32:
                return len(text)


def _utf8_width(text: str) -> int:
    """Bytes of `text`; an escaped byte is one, half of a surrogate pair (editors can send one) three, like U+FFFD."""
    try:
        return len(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        escaped = sum("\udc80" <= character <= "\udcff" for character in text)
        return len(text.encode("utf-8", "surrogatepass")) - 2 * escaped


@record(order=True)
class Position:
    """A place as people and editors name it; line and column count from 0."""

    line: int
    column: int


class LineIndex:
    """Converts offsets of one text to lines and columns and back.

    Lines end at LF; a CR before it belongs to the line's end and is never a column of its own for editors.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        starts = [0]
        found = text.find("\n")
        while found >= 0:
            starts.append(found + 1)
            found = text.find("\n", found + 1)
        self._starts = starts

    @property
    def line_count(self) -> int:
        """How many lines there are; a final newline starts one more, empty line."""
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The line (from 0) that holds `offset`."""
        return bisect_right(self._starts, offset) - 1

    def start_of(self, line: int) -> int:
        """The offset at which `line` (from 0) begins; lines past the end begin at the end of the text."""
        return self._starts[line] if line < len(self._starts) else len(self.text)

    def span_of(self, line: int) -> Span:
        """The line's characters without its line ending."""
        start, end = self.start_of(line), self.start_of(line + 1)
        if end > start and self.text[end - 1] == "\n":
            end -= 1
        while end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The line's text without its line ending."""
        span = self.span_of(line)
        return self.text[span.start : span.end]

    def position(self, offset: int, encoding: Encoding = Encoding.UTF32) -> Position:
        """The line and column of `offset`, which is clamped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line = self.line_of(offset)
        return Position(line, encoding.width(self.text[self._starts[line] : offset]))

    def offset(self, position: Position, encoding: Encoding = Encoding.UTF32) -> int:
        """The offset of `position`; columns past the end of a line mean its end, lines past the text the text's end.

        A column inside a character (half a surrogate pair) means the character's start.
        """
        if position.line >= len(self._starts):
            return len(self.text)
        span = self.span_of(max(0, position.line))
        if encoding is Encoding.UTF32:
            return min(span.start + max(0, position.column), span.end)
        units = 0
        for offset in range(span.start, span.end):
            units += encoding.width(self.text[offset])
            if units > position.column:
                return offset
        return span.end


@record(caches=True)
class Source:
    """A named text. `name` is what messages show: a path as the user wrote it, or `-` for standard input."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> LineIndex:
        """The index of this text's lines, built at first use."""
        return LineIndex(self.text)

    def slice(self, span: Span) -> str:
        """The text that `span` covers."""
        return self.text[span.start : span.end]


def nearest(word: str, candidates: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The candidate that is most like `word`, for "did you mean"; empty where none is like it (0 to 1 by `cutoff`)."""
    # Imported when a mistake is explained: no command that goes well should wait for it.
    from difflib import get_close_matches

    matches = get_close_matches(word, list(candidates), 1, cutoff)
    return matches[0] if matches else ""


def decode(data: bytes) -> str:
    """A file's bytes as text; what is not UTF-8 becomes surrogate escapes and is written back unchanged."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")
