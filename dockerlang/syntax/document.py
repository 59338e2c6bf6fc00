"""Parses a whole file: items one after another, until they tile the text."""

from __future__ import annotations

from dockerlang.records import replace
from dockerlang.syntax import nodes
from dockerlang.syntax.scanner import (
    HeredocEnds,
    PhysicalLine,
    content_start,
    heredoc_marks,
    physical_line,
    read_comment,
    read_directive,
    read_heredoc,
    read_logical_line,
)
from dockerlang.syntax.transform import Surroundings, can_open_heredocs, instruction_of
from dockerlang.syntax.words import pieces_of
from dockerlang.text import Source, Span


def parse(source: Source | str, name: str = "Dockerfile") -> nodes.Document:
    """The tree of a Dockerfile. Never fails: what is wrong is said by `syntax.problems`.

    The items of the result tile the text: each begins where the one before it ends.
    """
    if isinstance(source, str):
        source = Source(name, source)
    text = source.text
    items: list[nodes.Item] = []
    offset, escape = _read_directives(text, items)
    ends = HeredocEnds(text)
    while offset < len(text):
        item = read_item(text, offset, escape, ends)
        items.append(item)
        offset = item.span.end
    return nodes.Document(Span(0, len(text)), source, tuple(items), escape, any(map(is_open, items)))


def is_open(item: nodes.Item) -> bool:
    """Whether a heredoc of the item has no end."""
    return isinstance(item, nodes.Instruction) and any(not heredoc.is_terminated for heredoc in item.heredocs)


def read_item(text: str, offset: int, escape: str, ends: HeredocEnds) -> nodes.Item:
    """The blank lines, comment or instruction that begins at the start of a line, below the directives.

    `ends` are those of the same text, shared by all items that are read from it.
    """
    line = physical_line(text, offset)
    start = content_start(text, line)
    if start == line.end:
        return _read_blank(text, line)
    if text[start] == "#":
        return read_comment(text, line, start, is_inner=False)
    return _read_instruction(text, line, escape, ends)


def _read_directives(text: str, items: list[nodes.Item]) -> tuple[int, str]:
    """Read the directives at the top; where the rest begins, and the escape character."""
    escape = "\\"
    offset = 0
    seen: set[str] = set()
    while offset < len(text):
        directive = read_directive(text, physical_line(text, offset))
        if directive is None:
            break
        items.append(directive)
        offset = directive.span.end
        if directive.name == "escape" and directive.name not in seen and directive.value.text in ("\\", "`"):
            escape = directive.value.text
        seen.add(directive.name)
    return offset, escape


def _read_blank(text: str, line: PhysicalLine) -> nodes.Blank:
    end = line.next
    while end < len(text):
        following = physical_line(text, end)
        if content_start(text, following) < following.end:
            break
        end = following.next
    return nodes.Blank(Span(line.start, end))


def _read_instruction(text: str, first: PhysicalLine, escape: str, ends: HeredocEnds) -> nodes.Instruction:
    logical = read_logical_line(text, first, escape)
    heredocs: list[nodes.Heredoc] = []
    end = logical.next
    if can_open_heredocs(logical.line, escape):
        for mark in heredoc_marks(logical.line.text):
            heredoc, end = read_heredoc(text, end, logical.line, mark, ends)
            heredocs.append(_with_pieces(heredoc))
    around = Surroundings(
        span=Span(first.start, end),
        original=logical.original,
        heredocs=tuple(heredocs),
        comments=logical.comments,
        blank_lines=logical.blank_lines,
    )
    return instruction_of(logical.line, escape, around)


def _with_pieces(heredoc: nodes.Heredoc) -> nodes.Heredoc:
    if not heredoc.does_expand:
        return heredoc
    pieces = pieces_of(heredoc.content, heredoc.body_span.part, "\\", start="body")
    return replace(heredoc, pieces=pieces)
