"""Joined text and the way back from it to the source.

An instruction may run over several lines. The grammar reads the joined line; an `OffsetMap` turns its offsets into
offsets of the source, so that spans are true inside continuations too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

from dockerlang.records import record
from dockerlang.text import Span

Locate = Callable[[int, int], Span]
"""Turns a range of some text into the span of the source that it was read from."""


@lru_cache(maxsize=1024)
def _shared(offset: int) -> int:
    """An offset as one object: where one node ends another begins, and a tree holds more offsets than anything else."""
    return offset


@record
class OffsetMap:
    """Which part of a joined text comes from where: `joined[i]` and `source[i]` are the starts of the i-th part."""

    joined: tuple[int, ...]
    source: tuple[int, ...]

    def to_source(self, offset: int) -> int:
        """Where the character at `offset` of the joined text stands in the source."""
        if len(self.joined) == 1:
            return self.source[0] + offset - self.joined[0]
        part = max(bisect_right(self.joined, offset) - 1, 0)
        return self.source[part] + offset - self.joined[part]

    def to_joined(self, offset: int) -> int:
        """The inverse of `to_source`; an offset inside a gap means the end of the part before the gap."""
        part = max(bisect_right(self.source, offset) - 1, 0)
        at = self.joined[part] + offset - self.source[part]
        return min(at, self.joined[part + 1]) if part + 1 < len(self.joined) else at

    def span(self, start: int, end: int) -> Span:
        """The source span of `[start, end)` of the joined text; a gap at its end is left out."""
        first = _shared(self.to_source(start))
        if end <= start:
            return Span(first, first)
        return Span(first, _shared(self.to_source(end - 1) + 1))

    def shift(self, delta: int) -> OffsetMap:
        """The map of the joined text's rest from `delta` on."""
        if len(self.joined) == 1:  # by far the most lines: what does not differ is shared
            return OffsetMap(_AT_ITS_START, (self.source[0] + delta - self.joined[0],))
        return OffsetMap(tuple(start - delta for start in self.joined), self.source)


_AT_ITS_START = (0,)


@record
class LogicalLine:
    """A joined line, trimmed, and the map back to the source."""

    text: str
    offsets: OffsetMap

    def span(self, start: int, end: int) -> Span:
        """The source span of `[start, end)` of this line."""
        return self.offsets.span(start, end)

    def slice(self, start: int, end: int | None = None) -> LogicalLine:
        """A part of this line as a line of its own."""
        return LogicalLine(self.text[start:end], self.offsets.shift(start))


@record
class Unquoted:
    """What is left of a text without its quotes and escapes.

    The i-th character of `text` was read from what stood at `starts[i]` to `ends[i]`.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def inside(self, locate: Locate) -> Locate:
        """Turns ranges of this text into spans, given what does so for the text with the quotes."""

        def span(start: int, end: int) -> Span:
            if start < end:
                return locate(self.starts[start], self.ends[end - 1])
            at = self.starts[start] if start < len(self.starts) else self.ends[-1] if self.ends else 0
            return locate(at, at)

        return span
