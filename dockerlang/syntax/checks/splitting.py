"""Mistakes that the reference finds while it splits a line into its parts: pairs, JSON arrays and heredocs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import error, too_few
from dockerlang.syntax.scanner import BLANKS
from dockerlang.text import Span


def splitting_problems(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    """Mistakes that the reference finds while it splits the line, below ONBUILD too."""
    match instruction:
        case nodes.Env() | nodes.Label():
            yield from _pair_problems(instruction)
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell() | nodes.Healthcheck():
            command = instruction.command
            is_checked = not isinstance(instruction, nodes.Healthcheck) or instruction.kind is not None
            if is_checked and isinstance(command, nodes.ShellForm) and not instruction.heredocs:
                yield from _array_problems(command.text, command.span)
        case nodes.Transfer() if not instruction.is_json and instruction.sources:
            yield from _argument_array_problems(instruction, instruction.sources[0])
        case nodes.Volume() if not instruction.is_json and instruction.paths:
            yield from _argument_array_problems(instruction, instruction.paths[0])
        case nodes.OnBuild(trigger=nodes.Instruction() as trigger):
            yield from splitting_problems(trigger)
            return
    for heredoc in instruction.heredocs:
        if not heredoc.is_terminated:
            help_text = f"add a line that is exactly `{heredoc.delimiter}`"
            if "))" in heredoc.delimiter:
                help_text = "if `<<` was meant as arithmetic, put no blank before it: `$((1<<2))`"
            yield error("open-heredoc", heredoc.span, f"the heredoc `{heredoc.delimiter}` does not end", help_text)


def _pair_problems(instruction: nodes.Env | nodes.Label) -> Iterator[Diagnostic]:
    keyword = instruction.keyword.text.upper()
    if not instruction.pairs:
        yield too_few(instruction, "at least one argument")
    for pair in instruction.pairs:
        if pair.value is not None:
            continue
        if instruction.is_legacy:
            message = f"{keyword} `{pair.name.text}` has no value"
            yield error("pair-without-value", pair.span, message, f"write `{pair.name.text}=value`")
        else:
            message = f"`{pair.name.text}` has no `=`"
            help_text = 'quote a value that holds blanks: `name="a value"`'
            yield error("pair-without-equals", pair.span, message, help_text)


def _argument_array_problems(
    instruction: nodes.Transfer | nodes.Volume, first: nodes.Word | nodes.Heredoc
) -> Iterator[Diagnostic]:
    if isinstance(first, nodes.Word) and first.text.startswith("["):
        # Arguments are separate words by now; the array, if it is one, is the rest of the line from the first of them.
        at = instruction.text.find(first.text)
        yield from _array_problems(instruction.text[at:], Span(first.span.start, instruction.statement.end))


def _array_problems(text: str, span: Span) -> Iterator[Diagnostic]:
    """A valid JSON array that does not hold strings only is an error; what is no JSON at all is shell form."""
    if not text.startswith("["):
        return
    try:
        value = json.loads(text.rstrip(BLANKS), parse_constant=_reject)
    except (ValueError, RecursionError):
        return
    if isinstance(value, list) and not all(isinstance(element, str) for element in value):
        yield error("array-of-strings", span, "the JSON array may hold strings only", "put every element in quotes")


def _reject(constant: str) -> None:
    """Python reads `NaN` and `Infinity`, which are no JSON."""
    raise ValueError(constant)
