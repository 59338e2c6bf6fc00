"""Where a shell text uses variables, so that the uses of an ARG or ENV in RUN are found too.

The shell's own grammar is not needed for this: quotes and backslashes decide whether a `$name` is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span

_TOKEN = re.compile(r"\\.|'|\"|\$\{?(?P<name>[A-Za-z_][A-Za-z0-9_]*)", re.DOTALL)


@record
class ShellVariable:
    """A use of `name` in a shell text; `span` is the name's place in the source."""

    name: str
    span: Span


def shell_variables(instruction: nodes.Instruction) -> Iterator[ShellVariable]:
    """The variables that the shell form or the script of an instruction reads, in order."""
    command = getattr(instruction, "command", None)
    if isinstance(command, nodes.ShellForm):
        for name, start, end in _uses(command.text):
            yield ShellVariable(name, command.offsets.span(start, end))
    if isinstance(instruction, nodes.Run):
        for heredoc in instruction.heredocs:
            # The script itself is the shell's whatever its delimiter; other bodies are expanded unless that is quoted.
            if heredoc.does_expand or heredoc is instruction.script:
                for name, start, end in _uses(heredoc.content):
                    yield ShellVariable(name, Span(start, end).shift(heredoc.body_span.start))


def _uses(text: str) -> Iterator[tuple[str, int, int]]:
    is_single_quoted = is_double_quoted = False
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "'" if not is_double_quoted:
                is_single_quoted = not is_single_quoted
            case '"' if not is_single_quoted:
                is_double_quoted = not is_double_quoted
            case _ if token["name"] and not is_single_quoted:
                yield token["name"], *token.span("name")
