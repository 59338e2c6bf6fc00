"""What is not context-free: cutting a file into directives, comments, blank lines, logical lines and heredoc bodies.

The rules, with their reasons, stand in `grammar/README.md`; BuildKit's order of phases is the reference. The scanner
knows no instruction: the parser asks for one logical line after another and, where that line opens heredocs, for their
bodies.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.syntax.lines import LogicalLine, OffsetMap
from dockerlang.text import Span

# Go's unicode.IsSpace. Python's str.strip() would also take U+001C to U+001F.
UNICODE_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
BLANKS = "\t\v\f\r "
BYTE_ORDER_MARK = "\ufeff"

DIRECTIVE = re.compile(
    rf"[{UNICODE_BLANKS}]*#[{UNICODE_BLANKS}]*(?P<name>[a-zA-Z][a-zA-Z0-9]*)[{UNICODE_BLANKS}]*="
    rf"[{UNICODE_BLANKS}]*(?P<value>[^{UNICODE_BLANKS}](?:.*[^{UNICODE_BLANKS}])?)[{UNICODE_BLANKS}]*",
    re.DOTALL,
)
DIRECTIVE_NAMES = frozenset({"syntax", "escape", "check"})

# A shell word with its quotes and escapes kept; the escape character is always the backslash here. Where a quote or
# a brace is left open, no word matches, and the line has no heredocs at all.
_SHELL_WORD = re.compile(
    r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\{(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^}'"\\])*\}|\$(?!\{)|[^\s'"\\$])+\\?|\\""",
    re.DOTALL,
)
_HEREDOC_WORD = re.compile(r"(?P<fd>[0-9]*)<<(?P<dash>-)?+[\t\v\f\r ]*(?P<delimiter>[^<]+)", re.DOTALL)
_LONE_MARK = re.compile(r"[0-9]*<<")
_QUOTED = re.compile(
    r"""\\(?P<escaped>.)|'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<plain>[^'"\\]+)|\\""", re.DOTALL
)


_INSTRUCTION_LINE = re.compile(rf"^(?:{'|'.join(nodes.INSTRUCTIONS)})[ \t]", re.MULTILINE)


class PhysicalLine(NamedTuple):
    """One line of the file: `start` to `end` without its ending, `next` where the following line starts."""

    start: int
    end: int
    next: int


@record
class Logical:
    """An instruction's joined line, and what stood between its parts.

    `line` is trimmed, `original` at its start only. `next` is the offset of the line after it.
    """

    line: LogicalLine
    original: str
    start: int
    next: int
    comments: tuple[nodes.Comment, ...]
    blank_lines: tuple[Span, ...]


@record
class HeredocMark:
    """`<<DELIMITER` on a joined line, at `[start, end)` of it."""

    start: int
    end: int
    delimiter: str
    file_descriptor: int
    does_expand: bool
    does_chomp: bool


def physical_line(text: str, start: int) -> PhysicalLine:
    """The line that starts at `start`; carriage returns at its end belong to the line ending."""
    newline = text.find("\n", start)
    after = len(text) if newline < 0 else newline + 1
    end = after if newline < 0 else newline
    while end > start and text[end - 1] == "\r":
        end -= 1
    return PhysicalLine(start, end, after)


def content_start(text: str, line: PhysicalLine) -> int:
    """The first character of a line that is not blank; a byte order mark at the top of the file counts as blank."""
    start = line.start
    if start == 0 and text.startswith(BYTE_ORDER_MARK):
        start = 1
    while start < line.end and text[start] in UNICODE_BLANKS:
        start += 1
    return start


def read_directive(text: str, line: PhysicalLine) -> nodes.Directive | None:
    """The line as a parser directive; None if it is anything else, which ends their part of the file."""
    start = 1 if line.start == 0 and text.startswith(BYTE_ORDER_MARK) else line.start
    match = DIRECTIVE.fullmatch(text, start, line.end)
    if match is None or match["name"].lower() not in DIRECTIVE_NAMES:
        return None
    return nodes.Directive(
        span=Span(line.start, line.next),
        name=match["name"].lower(),
        name_span=Span(*match.span("name")),
        value=nodes.Name(Span(*match.span("value")), match["value"]),
    )


def read_comment(text: str, line: PhysicalLine, hash_offset: int, *, is_inner: bool) -> nodes.Comment:
    """A comment line; inside a continuation its span leaves out the line ending."""
    span = Span(line.start, line.end) if is_inner else Span(line.start, line.next)
    return nodes.Comment(span, text[hash_offset + 1 : line.end].strip(UNICODE_BLANKS), hash_offset)


def read_logical_line(text: str, first: PhysicalLine, escape: str) -> Logical:
    """Join the lines of an instruction that starts on `first`, a line that is neither blank nor a comment."""
    starts: list[int] = []  # of the parts, in the source
    parts: list[str] = []
    comments: list[nodes.Comment] = []
    blank_lines: list[Span] = []
    line = first
    start = content_start(text, first)
    while True:
        end = _continuation_at(text, start, line.end, escape)
        starts.append(start)
        parts.append(text[start : line.end if end is None else end])
        if end is None or line.next >= len(text):
            break
        line = physical_line(text, line.next)
        found = _skip_inside(text, line, comments, blank_lines)
        if found is None:
            line = PhysicalLine(len(text), len(text), len(text))
            break
        line = found
        start = line.start
    line_text, original = _join(parts, starts)
    return Logical(line_text, original, first.start, line.next, tuple(comments), tuple(blank_lines))


def _skip_inside(
    text: str, line: PhysicalLine, comments: list[nodes.Comment], blank_lines: list[Span]
) -> PhysicalLine | None:
    """Collect comments and empty lines of a continuation; the first other line, or None at the end of the file."""
    while True:
        content = content_start(text, line)
        if content < line.end and text[content] != "#":
            return line
        if content < line.end:
            comments.append(read_comment(text, line, content, is_inner=True))
        elif line.start < len(text):
            blank_lines.append(Span(line.start, line.next))
        if line.next >= len(text):
            return None
        line = physical_line(text, line.next)


def _continuation_at(text: str, start: int, end: int, escape: str) -> int | None:
    """Where the escape character stands that continues the line `[start, end)`; None where it does not continue."""
    while end > start and text[end - 1] in " \t":
        end -= 1
    if end == start or text[end - 1] != escape:
        return None
    # An escape character before it takes its force, whatever stands before that one.
    if end - 1 > start and text[end - 2] == escape:
        return None
    return end - 1


def _join(parts: list[str], starts: list[int]) -> tuple[LogicalLine, str]:
    joined: list[int] = []
    source: list[int] = []
    length = 0
    for part, start in zip(parts, starts, strict=True):
        if part or not joined:
            joined.append(length)
            source.append(start)
            length += len(part)
    whole = "".join(parts)
    leading = len(whole) - len(whole.lstrip(UNICODE_BLANKS))
    line = LogicalLine(whole, OffsetMap(tuple(joined), tuple(source)))
    return line.slice(leading, len(whole.rstrip(UNICODE_BLANKS))), whole[leading:]


def heredoc_marks(line: str) -> tuple[HeredocMark, ...]:
    """The heredocs that a joined line opens: complete shell words `<<NAME`, `<<-NAME` or `N<<NAME`.

    A lone `<<` takes the next word as its delimiter. An open quote anywhere on the line means that there are none.
    """
    words = _shell_words(line)
    marks: list[HeredocMark] = []
    index = 0
    while words is not None and index < len(words):
        start, end = words[index]
        if _LONE_MARK.fullmatch(line, start, end) and index + 1 < len(words):
            index += 1
            end = words[index][1]
        index += 1
        match = _HEREDOC_WORD.fullmatch(line, start, end)
        if match is None:
            continue
        delimiter, is_quoted = _unquote(match["delimiter"])
        if delimiter:
            descriptor = int(match["fd"][-9:] or 0)
            marks.append(HeredocMark(start, end, delimiter, descriptor, not is_quoted, match["dash"] is not None))
    return tuple(marks)


def _shell_words(line: str) -> list[tuple[int, int]] | None:
    words: list[tuple[int, int]] = []
    offset = 0
    while True:
        while offset < len(line) and line[offset].isspace():
            offset += 1
        if offset == len(line):
            return words
        match = _SHELL_WORD.match(line, offset)
        if match is None or (match.end() < len(line) and not line[match.end()].isspace()):
            return None
        words.append(match.span())
        offset = match.end()


def _unquote(word: str) -> tuple[str, bool]:
    """The delimiter without quotes and backslashes, and whether any part of it was quoted."""
    text, is_quoted = "", False
    for match in _QUOTED.finditer(word):
        if match["plain"] is not None:
            text += match["plain"]
        elif match["escaped"] is not None:
            text += match["escaped"]
        elif match["single"] is not None or match["double"] is not None:
            is_quoted = True
            text += match["single"] if match["single"] is not None else re.sub(r'\\(["$\\])', r"\1", match["double"])
    return text, is_quoted


class HeredocEnds:
    """Finds the lines that end heredocs in one text, in time that grows with the text, however many have no end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last_of_line: dict[str, int] | None = None  # where each line stands for the last time
        self._last_without_tabs: dict[str, int] = {}

    def find(self, mark: HeredocMark, start: int) -> PhysicalLine | None:
        """The first line from `start` on that ends the heredoc of `mark`."""
        text, delimiter = self._text, mark.delimiter
        if self._last_of_line is not None:
            last = self._last_without_tabs if mark.does_chomp else self._last_of_line
            if last.get(delimiter, -1) < start:
                return None
        offset = start
        while offset < len(text):
            line = physical_line(text, offset)
            content = text[line.start : line.end]
            if (content.lstrip("\t") if mark.does_chomp else content) == delimiter:
                return line
            offset = line.next
        if self._last_of_line is None:
            # Where one heredoc is open there may be thousands, each of which would read the file to its end.
            self._last_of_line = self._index()
        return None

    def _index(self) -> dict[str, int]:
        last: dict[str, int] = {}
        offset = 0
        for line in self._text.split("\n"):
            content = line.rstrip("\r")
            last[content] = offset
            self._last_without_tabs[content.lstrip("\t")] = offset
            offset += len(line) + 1
        return last


def _likely_end(text: str, start: int) -> int:
    """Where the body of an open heredoc was probably meant to end: before a line that begins like an instruction."""
    match = _INSTRUCTION_LINE.search(text, start)
    return len(text) if match is None else match.start()


def read_heredoc(
    text: str, start: int, line: LogicalLine, mark: HeredocMark, ends: HeredocEnds
) -> tuple[nodes.Heredoc, int]:
    """The heredoc of `mark`, whose body starts at offset `start`, and where the text after its delimiter goes on."""
    found = ends.find(mark, start)
    if found is not None:
        end_span, body_end, offset = Span(found.start, found.end), found.start, found.next
    else:
        # Nobody closes it: a mistake, which should not take the rest of the file with it.
        end_span, body_end = None, _likely_end(text, start)
        offset = body_end
    heredoc = nodes.Heredoc(
        span=line.span(mark.start, mark.end),
        delimiter=mark.delimiter,
        file_descriptor=mark.file_descriptor,
        does_expand=mark.does_expand,
        does_chomp=mark.does_chomp,
        content=text[start:body_end],
        body_span=Span(start, body_end),
        end_span=end_span,
    )
    return heredoc, offset
