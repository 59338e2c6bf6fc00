"""Instructions that a stray escape character at the end of the line above makes part of another one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import warning
from dockerlang.syntax.checks.unfinished import quote_after
from dockerlang.text import Source, Span

_KEYWORD = re.compile(rf"[ \t]*({'|'.join(nodes.INSTRUCTIONS)})[ \t]+\S")


def swallowed_instructions(instruction: nodes.Instruction, source: Source) -> Iterator[Diagnostic]:
    """The first line of an instruction that begins like another one, outside of quotes."""
    # Of pairs without `=` is said already what this would say.
    if isinstance(instruction, nodes.Env | nodes.Label | nodes.Invalid | nodes.From):
        return
    start, end = instruction.statement.start, instruction.statement.end
    first_end = source.text.find("\n", start, end)
    if first_end < 0:
        return
    own = set(_own_keywords(instruction))
    quote, offset = quote_after(source.text[start:first_end]), first_end + 1
    while offset < end:
        newline = source.text.find("\n", offset, end)
        line = source.text[offset : end if newline < 0 else newline]
        match = _KEYWORD.match(line)
        if match is not None and not quote and offset + match.start(1) not in own:
            keyword = instruction.keyword.text
            message = f"{match[1]} belongs to the {keyword} above, whose line goes on"
            above = source.lines.line_of(offset)
            help_text = f"remove the escape character at the end of line {above}, if {match[1]} is an instruction"
            span = Span(offset + match.start(1), offset + match.end(1))
            yield warning("swallowed-instruction", span, message, help_text)
            return
        if not line.lstrip().startswith("#"):
            quote = quote_after(line, quote)
        offset += len(line) + 1


def _own_keywords(instruction: nodes.Instruction) -> Iterator[int]:
    """Where keywords stand that belong to the instruction: `ONBUILD RUN`, `HEALTHCHECK CMD`."""
    yield instruction.keyword.span.start
    if isinstance(instruction, nodes.Healthcheck) and instruction.kind is not None:
        yield instruction.kind.span.start
    if isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
        yield from _own_keywords(instruction.trigger)
