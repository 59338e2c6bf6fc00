"""Prints one instruction: its parts, the gaps between them, and the lines of its shell command."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from dockerlang.formatter.lines import Gap, Line, Reader, UnknownText
from dockerlang.formatter.options import Options
from dockerlang.formatter.shell import may_indent, places_of
from dockerlang.records import record, replace
from dockerlang.syntax import nodes
from dockerlang.text import Span

NO_GAP = Gap()


class Role(Enum):
    """How a part of an instruction is printed: as a keyword, as written, or as the lines of a shell command."""

    KEYWORD = "keyword"
    VERBATIM = "verbatim"
    SHELL = "shell"


@record
class Part:
    """A keyword, flag, word, punctuation mark or shell command; `gap` is what stands before it."""

    span: Span
    role: Role = Role.VERBATIM
    gap: Gap = NO_GAP


@record
class Style:
    """What the printed form depends on besides the instruction.

    `does_indent_shell` is false where the options say so, or the shell is none whose blanks we know.
    """

    options: Options
    line_ending: str
    does_indent_shell: bool


def print_statement(instruction: nodes.Instruction, start: int, reader: Reader, style: Style) -> str:
    """The instruction's logical line, its line ending included, heredoc bodies left out; `start` is where it begins.

    Raises `UnknownText` where there is text that no part of the tree accounts for.
    """
    parts, tail = _with_gaps(instruction, start, reader)
    layout = _ShellLayout(parts, reader, style)
    printed: list[str] = []
    for previous, part in zip((None, *parts), parts, strict=False):
        if previous is not None:
            printed.append(_separator(previous, part, layout, reader, style))
        match part.role:
            case Role.KEYWORD:
                printed.append(_keyword(reader.text(part.span), style))
            case Role.VERBATIM:
                printed.append(_lines(reader.lines(part.span), reader, style))
            case Role.SHELL:
                printed.append(_lines(layout.lines, reader, style))
    printed.append(_break(tail, style.options.blanks(style.options.indent), reader, style) if tail.is_broken else "")
    text = "".join(printed)
    return text if text.endswith(style.line_ending) else text + style.line_ending


def parts_of(instruction: nodes.Instruction) -> Iterator[Part]:
    """Everything in an instruction that is not a gap, in no certain order; punctuation is left out.

    Of a broken line only the keyword and flags are known.
    """
    yield Part(instruction.keyword.span, Role.KEYWORD)
    yield from _verbatim(*instruction.flags)
    match instruction:
        case nodes.From():
            yield from _verbatim(instruction.image, instruction.stage, *instruction.extra)
            yield from _keywords(instruction.as_keyword)
        case nodes.Arg():
            yield from _verbatim(*instruction.declarations)
        case nodes.Env() | nodes.Label() if instruction.is_legacy:
            yield from _verbatim(*(part for pair in instruction.pairs for part in (pair.name, pair.value)))
        case nodes.Env() | nodes.Label():
            yield from _verbatim(*instruction.pairs)
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell():
            yield from _command(instruction.command)
        case nodes.Transfer():
            yield from _verbatim(*instruction.sources, instruction.destination)
        case nodes.Expose():
            yield from _verbatim(*instruction.ports)
        case nodes.Volume():
            yield from _verbatim(*instruction.paths)
        case nodes.User():
            yield from _verbatim(instruction.user)
        case nodes.Workdir():
            yield from _verbatim(instruction.path)
        case nodes.StopSignal():
            yield from _verbatim(instruction.signal)
        case nodes.Maintainer():
            yield from _verbatim(instruction.name)
        case nodes.Healthcheck():
            yield from _keywords(instruction.kind)
            yield from _command(instruction.command)
        case nodes.OnBuild() if instruction.trigger is not None:
            yield from parts_of(instruction.trigger)


def _verbatim(*found: nodes.Node | None) -> Iterator[Part]:
    return (Part(node.span) for node in found if node is not None)


def _keywords(*found: nodes.Node | None) -> Iterator[Part]:
    return (Part(node.span, Role.KEYWORD) for node in found if node is not None)


def _command(command: nodes.Command | None) -> Iterator[Part]:
    match command:
        case nodes.ShellForm():
            yield Part(command.span, Role.SHELL)
        case nodes.ExecForm():
            yield from _verbatim(*command.elements)


def _with_gaps(instruction: nodes.Instruction, start: int, reader: Reader) -> tuple[tuple[Part, ...], Gap]:
    """The parts in order, punctuation included, each with the gap before it; and the gap after the last."""
    found: list[Part] = []
    for part in sorted(parts_of(instruction), key=lambda part: part.span):
        gap, marks = _read_gap(Span(start, part.span.start), reader)
        found += marks
        found.append(Part(part.span, part.role, gap))
        start = part.span.end
    if found[0].gap.comments:
        raise UnknownText("a comment before the keyword has no line to stand on")
    bodies = [heredoc.body_span.start for heredoc in instruction.heredocs]
    tail, marks = _read_gap(Span(start, min([instruction.span.end, *bodies])), reader)
    return (*found, *marks), tail


def _read_gap(span: Span, reader: Reader) -> tuple[Gap, list[Part]]:
    """The last gap in `span`, and the punctuation before it."""
    marks: list[Part] = []
    gap, mark, rest = reader.gap(span)
    while mark is not None:
        marks.append(Part(mark, gap=gap))
        gap, mark, rest = reader.gap(rest)
    return gap, marks


class _ShellLayout:
    """Where the lines of an instruction's shell command go.

    The block of continuation lines is moved as a whole, so that what was aligned stays aligned. A line that begins
    inside quotes stays where it is: there its blanks are text. The line on which the command begins belongs to the
    block if it is a continuation line itself.
    """

    def __init__(self, parts: tuple[Part, ...], reader: Reader, style: Style) -> None:
        self.lines: tuple[Line, ...] = ()
        self.first_indentation = ""
        shell = next((part for part in parts if part.role is Role.SHELL), None)
        if shell is None:
            return
        self.lines = reader.lines(shell.span)
        self.first_indentation = reader.indentation_at(shell.span.start)
        is_simple = len(self.lines) == 1 and not shell.gap.is_broken
        if style.does_indent_shell and not is_simple:
            is_continuation = any(part.gap.is_broken for part in parts if part.span.start <= shell.span.start)
            self._move(style.options, does_begin_in_block=is_continuation)

    def _move(self, options: Options, *, does_begin_in_block: bool) -> None:
        first, *others = self.lines
        can_move = _movable(self.lines)
        columns = [
            options.columns(line.indentation)
            for line, is_free in zip(others, can_move, strict=True)
            if is_free and line.code
        ]
        first_column = options.columns(self.first_indentation)
        if does_begin_in_block:
            columns.append(first_column)
        shift = options.indent - min(columns, default=0)
        moved = (
            _moved(line, shift, options) if is_free else _with_comments(line)
            for line, is_free in zip(others, can_move, strict=True)
        )
        self.lines = (first, *moved)
        if does_begin_in_block:
            self.first_indentation = options.blanks(first_column + shift)


def _moved(line: Line, shift: int, options: Options) -> Line:
    """The line `shift` columns further right; one with nothing but the escape character goes to the block's edge."""
    column = options.columns(line.indentation) + shift if line.code else options.indent
    return _with_comments(replace(line, indentation=options.blanks(column)))


def _with_comments(line: Line) -> Line:
    """The line with the comments above it brought to its indentation."""
    return replace(line, comments=tuple(line.indentation + comment.lstrip() for comment in line.comments))


def _movable(lines: tuple[Line, ...]) -> list[bool]:
    """For each line but the first, whether its indentation means nothing to the shell."""
    text = "".join(line.indentation + line.code for line in lines)
    places = places_of(text)
    at = len(lines[0].code)
    found = []
    for line in lines[1:]:
        found.append(may_indent(text, places, at, len(line.indentation)))
        at += len(line.indentation) + len(line.code)
    return found


def _separator(previous: Part, part: Part, layout: _ShellLayout, reader: Reader, style: Style) -> str:
    mark = reader.text(part.span) if part.role is Role.VERBATIM else ""
    if part.gap.is_broken:
        indentation = style.options.blanks(style.options.indent)
        if part.role is Role.SHELL:
            indentation = layout.first_indentation
        return _break(part.gap, indentation, reader, style) + ("" if mark == "]" else indentation)
    is_tight = mark in (",", "]") or (previous.role is Role.VERBATIM and reader.text(previous.span) == "[")
    return "" if is_tight else " "


def _break(gap: Gap, indentation: str, reader: Reader, style: Style) -> str:
    """The end of a line that continues, and the comments below it."""
    comments = (indentation + comment.lstrip() + style.line_ending for comment in gap.comments)
    return f" {reader.escape}{style.line_ending}{''.join(comments)}"


def _lines(lines: tuple[Line, ...], reader: Reader, style: Style) -> str:
    """Lines one below the other, with continuations between them."""
    printed: list[str] = []
    for line in lines:
        if printed:
            printed.append(reader.escape + style.line_ending)
        printed += [comment + style.line_ending for comment in line.comments]
        printed.append(line.indentation + line.code)
    return "".join(printed)


def _keyword(text: str, style: Style) -> str:
    # A keyword that is itself broken over lines may hold a comment.
    return text if "\n" in text else style.options.keyword_case.apply(text)
