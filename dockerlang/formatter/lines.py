"""What stands in the source where an instruction goes over several lines: gaps between its words, and the lines inside
one word or command."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dockerlang.records import record
from dockerlang.syntax.scanner import UNICODE_BLANKS
from dockerlang.text import Span

_BLANKS = frozenset(UNICODE_BLANKS)
# What may stand between two words without being a node of its own: the end of flags and the punctuation of an array.
_PUNCTUATION = re.compile(r"--(?=\s|$)|[\[\],]")
_LINE_END = re.compile(r"\r*\n")


@record
class Gap:
    """What stands between two words: whether the line is broken there, and the comments on lines of their own, with
    their indentation."""

    is_broken: bool = False
    comments: tuple[str, ...] = ()


@record
class Line:
    """One line of a word or command: its indentation (none for the first), its code without the escape character that
    continues it, and the comments on lines of their own before it, with their indentation."""

    indentation: str
    code: str
    comments: tuple[str, ...] = ()


class UnknownText(Exception):
    """There is text between two words that the printer does not know; the instruction is better left alone."""


@record
class Reader:
    """Reads the source between and inside the words of one instruction; its inner `comments` by their start."""

    source: str
    escape: str
    comments: Mapping[int, Span]

    def gap(self, span: Span) -> tuple[Gap, Span | None, Span]:
        """The gap at the start of `span`, the punctuation that ends it (None at the end of `span`), and what is left.

        Raises `UnknownText` where neither blanks, comments, continuations nor punctuation stand there.
        """
        is_broken = False
        comments: list[str] = []
        offset = span.start
        while offset < span.end:
            comment = self.comments.get(offset)
            continuation = self._continuation_end(offset)
            if comment is not None:
                comments.append(self._comment_line(comment))
                offset = comment.end
            elif continuation is not None:
                is_broken = True
                offset = continuation
            elif self.source[offset] in _BLANKS:
                offset += 1
            else:
                match = _PUNCTUATION.match(self.source, offset, span.end)
                if match is None:
                    raise UnknownText(self.source[offset : span.end])
                return Gap(is_broken, tuple(comments)), Span(*match.span()), Span(match.end(), span.end)
        return Gap(is_broken, tuple(comments)), None, Span(span.end, span.end)

    def lines(self, span: Span) -> tuple[Line, ...]:
        """The lines of `span`, empty ones left out."""
        lines: list[Line] = []
        comments: list[str] = []
        offset = span.start
        while offset < span.end:
            ending = _LINE_END.search(self.source, offset, span.end)
            end = span.end if ending is None else ending.start()
            text = self.source[offset:end]
            comment = self.comments.get(offset)
            if comment is not None:
                comments.append(self._comment_line(comment))
            elif text.strip(UNICODE_BLANKS):
                code = text if ending is None else self._without_escape(text)
                indentation = code[: len(code) - len(code.lstrip(" \t"))] if lines else ""
                lines.append(Line(indentation, code.removeprefix(indentation), tuple(comments)))
                comments = []
            offset = span.end if ending is None else ending.end()
        return tuple(lines)

    def text(self, span: Span) -> str:
        """The source as written."""
        return self.source[span.start : span.end]

    def indentation_at(self, offset: int) -> str:
        """The blanks at the start of the physical line that holds `offset`."""
        start = self.source.rfind("\n", 0, offset) + 1
        end = start
        while end < offset and self.source[end] in " \t":
            end += 1
        return self.source[start:end]

    def _comment_line(self, comment: Span) -> str:
        return self.source[comment.start : comment.end].rstrip(UNICODE_BLANKS)

    def _continuation_end(self, offset: int) -> int | None:
        """Where the next line starts if the escape character at `offset` continues the line, else None."""
        if self.source[offset] != self.escape:
            return None
        end = offset + 1
        while end < len(self.source) and self.source[end] in " \t":
            end += 1
        if end == len(self.source):
            return end
        ending = _LINE_END.match(self.source, end)
        return None if ending is None else ending.end()

    def _without_escape(self, text: str) -> str:
        code = text.rstrip(" \t")
        assert code.endswith(self.escape), "only a continuation goes on to the next line"
        return code[:-1]
