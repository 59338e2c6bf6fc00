"""Prints a whole file, item by item: what changes in one item never depends on how another one is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlang.edits import Edit
from dockerlang.formatter.check import is_same_meaning
from dockerlang.formatter.instructions import Style, print_statement
from dockerlang.formatter.lines import Reader, UnknownText
from dockerlang.formatter.options import Options
from dockerlang.formatter.shells import has_known_shells
from dockerlang.syntax import nodes, parse
from dockerlang.syntax.scanner import BYTE_ORDER_MARK, UNICODE_BLANKS, physical_line, read_directive
from dockerlang.text import Span

DEFAULT_OPTIONS = Options()
_SWITCH = re.compile(r"dockerlang:[ \t]*format[ \t]+(?P<word>off|on)\b.*")


def format_document(document: nodes.Document, options: Options = DEFAULT_OPTIONS) -> str:
    """The file's text in the style of `options`. Never fails; what is broken comes out as it was written.

    The result has the same instructions with the same meaning and the same comments, and formatting it again changes
    nothing. Line endings become those of most lines; heredoc bodies keep every byte, and so does what stands between
    the comments `# dockerlang: format off` and `# dockerlang: format on`.
    """
    return "".join(text for _, text in _printed_items(document, options))


def format_edits(
    document: nodes.Document, options: Options = DEFAULT_OPTIONS, within: Span | None = None
) -> tuple[Edit, ...]:
    """The same as edits, one for each item that changes; only of items that overlap `within` where that is given."""
    source = document.source
    return tuple(
        Edit(span, text)
        for span, text in _printed_items(document, options)
        if source.slice(span) != text and (within is None or span.overlaps(within) or within == span)
    )


def _printed_items(document: nodes.Document, options: Options) -> Iterator[tuple[Span, str]]:
    """Each item's span and the text to put there."""
    items = document.items
    line_ending = _line_ending(document.source.text)
    does_indent_shell = not options.does_keep_shell and has_known_shells(document)
    style = Style(options, line_ending, does_indent_shell)
    later_stages = _starts_of_later_stages(items)
    is_body = is_off = False
    for index, item in enumerate(items):
        is_body = is_body or _has_open_heredoc(item)
        switch = _SWITCH.fullmatch(item.text) if isinstance(item, nodes.Comment) else None
        was_off, is_off = is_off, is_off if switch is None else switch["word"] == "off"
        if is_body or (was_off and is_off):
            yield item.span, document.source.slice(item.span)
            continue
        match item:
            case nodes.Blank():
                text = line_ending if _is_blank_kept(document, index) else ""
            case nodes.Directive():
                text = _line(document, item.span) + line_ending
            case nodes.Comment():
                text = _line(document, Span(item.hash_offset, item.span.end)) + line_ending
            case _:
                text = _instruction(document, item, style)
        if index in later_stages and not isinstance(items[index - 1], nodes.Blank):
            text = line_ending + text
        has_mark = item.span.start == 0 and document.source.text.startswith(BYTE_ORDER_MARK)
        yield item.span, BYTE_ORDER_MARK + text if has_mark else text


def _has_open_heredoc(item: nodes.Item) -> bool:
    """Whether all that follows may be the body of a heredoc, which ends nowhere: the tree only guesses where."""
    return isinstance(item, nodes.Instruction) and any(not heredoc.is_terminated for heredoc in item.heredocs)


def _line_ending(text: str) -> str:
    windows = text.count("\r\n")
    return "\r\n" if 2 * windows > text.count("\n") else "\n"


def _is_blank_kept(document: nodes.Document, index: int) -> bool:
    """Whether one empty line stays where there were some: not at the ends of the file."""
    if index + 1 == len(document.items):
        return False
    if index > 0:
        return True
    # An empty first line keeps a comment from being read as a parser directive.
    below = document.items[1].span.start
    return read_directive(document.source.text, physical_line(document.source.text, below)) is not None


def _starts_of_later_stages(items: Sequence[nodes.Item]) -> set[int]:
    """The items that begin a stage after the first: a FROM, or the comments directly above it."""
    starts: set[int] = set()
    has_stage = False
    for index, item in enumerate(items):
        if isinstance(item, nodes.From):
            start = index
            while start and isinstance(items[start - 1], nodes.Comment):
                start -= 1
            if has_stage:
                starts.add(start)
            has_stage = True
    return starts


def _line(document: nodes.Document, span: Span) -> str:
    return document.source.slice(span).removeprefix(BYTE_ORDER_MARK).rstrip(UNICODE_BLANKS)


def _instruction(document: nodes.Document, instruction: nodes.Instruction, style: Style) -> str:
    """The instruction in the style if that surely keeps its meaning, else as it was written."""
    source = document.source
    written = source.slice(instruction.span)
    start = instruction.span.start
    if start == 0 and written.startswith(BYTE_ORDER_MARK):
        start, written = 1, written[1:]
    if not written.endswith("\n"):
        written += style.line_ending
    if isinstance(instruction, nodes.Invalid):
        return written
    comments = {comment.span.start: comment.span for comment in instruction.comments}
    reader = Reader(source.text, document.escape, comments)
    try:
        statement = print_statement(instruction, start, reader, style)
    except UnknownText:
        return written
    bodies = [heredoc.body_span.start for heredoc in instruction.heredocs]
    printed = statement + (source.text[bodies[0] : instruction.span.end] if bodies else "")
    if bodies and not printed.endswith("\n"):
        printed += style.line_ending
    return printed if _reads_as(printed, instruction, document.escape) else written


def _reads_as(printed: str, instruction: nodes.Instruction, escape: str) -> bool:
    again = parse(f"# escape={escape}\n{printed}").items[1:]
    return len(again) == 1 and isinstance(again[0], nodes.Instruction) and is_same_meaning(instruction, again[0])
