"""What is no mistake of syntax but hardly what its writer meant: text that the reference takes for something else.

These are warnings: the file builds, or fails later with a message that leads away from the cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.arrays import LOOKALIKE, LOOKALIKES, flaw_of
from dockerlang.syntax.checks.late_directives import late_directives
from dockerlang.syntax.checks.misread import (
    misread_arguments,
    misread_command,
    misread_pairs,
    misread_paths,
    misread_ports,
    misread_word,
)
from dockerlang.syntax.checks.report import warning
from dockerlang.syntax.checks.splitting import span_in
from dockerlang.syntax.checks.swallowed import swallowed_instructions
from dockerlang.text import Span

_COMMENT = re.compile(r"(?:^|[\t ])#[\t ]")


def suspicions(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """All of them, in the order of their places."""
    found = [*late_directives(document)]
    for instruction in document.instructions:
        found.extend(_of(instruction))
        found.extend(swallowed_instructions(instruction, document.source))
    return tuple(sorted(found, key=lambda diagnostic: diagnostic.span.start))


def instruction_suspicions(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    """Those about the words of one instruction itself, in the order in which they are found."""
    if not isinstance(instruction, nodes.OnBuild):
        yield from _of(instruction)


def _of(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    match instruction:
        case nodes.OnBuild(trigger=nodes.Instruction() as trigger):
            yield from _of(trigger)
        case nodes.Cmd() | nodes.Entrypoint() | nodes.Run() | nodes.Healthcheck():
            if isinstance(instruction, nodes.Run):
                yield from misread_command(instruction)
            if isinstance(instruction.command, nodes.ShellForm) and not instruction.heredocs:
                yield from _almost_array(instruction.command.text, instruction.command, "so a shell reads it")
        case nodes.Transfer() if not instruction.is_json:
            arrays = [*_almost_array_of_words(instruction, instruction.sources)]
            yield from arrays or misread_paths(instruction)
        case nodes.Volume() if not instruction.is_json:
            arrays = [*_almost_array_of_words(instruction, instruction.paths)]
            yield from arrays or misread_paths(instruction)
        case nodes.Expose():
            yield from _trailing_comment(instruction.ports)
            yield from misread_ports(instruction)
        case nodes.Arg():
            yield from misread_arguments(instruction)
        case nodes.User(user=nodes.Word() as word) | nodes.Workdir(path=nodes.Word() as word):
            comments = [*_comment_in(word)]
            yield from comments or misread_word(instruction, word)
        case nodes.StopSignal(signal=nodes.Word() as word):
            yield from _comment_in(word)
        case nodes.Env() | nodes.Label():
            yield from misread_pairs(instruction)
            for pair in instruction.pairs:
                yield from _lookalikes_in(pair)


def _almost_array_of_words(
    instruction: nodes.Instruction, words: tuple[nodes.Word | nodes.Heredoc, ...]
) -> Iterator[Diagnostic]:
    first = words[0] if words else None
    if isinstance(first, nodes.Word) and first.text.startswith("["):
        at = instruction.text.find(first.text)
        text = instruction.text[at:].rstrip()
        place = Span(first.span.start, instruction.statement.end)
        yield from _almost_array(text, place, "so its words are paths of their own")


def _almost_array(text: str, place: nodes.ShellForm | Span, consequence: str) -> Iterator[Diagnostic]:
    """Text that looks like a JSON array and is none is given to a shell, or split at its blanks."""
    if not text.startswith("[") or text.startswith(("[ ", "[[")):
        return  # `[ -f x ]` is a command
    looks_like_array = text.rstrip().endswith("]") or LOOKALIKE.search(text) or text.startswith(("['", '["'))
    flaw = flaw_of(text) if looks_like_array else None
    if flaw is not None:
        span = span_in(place, flaw.start, flaw.end, len(text))
        yield warning("almost-array", span, f"this is no JSON array, {consequence}: {flaw.reason}", flaw.help)


def _trailing_comment(words: tuple[nodes.Word, ...]) -> Iterator[Diagnostic]:
    for word in words:
        if word.text.startswith("#"):
            message = "a comment cannot follow an instruction on its line"
            yield warning("trailing-comment", word.span, message, "put it on a line of its own, above")
            return


def _comment_in(word: nodes.Word) -> Iterator[Diagnostic]:
    match = _COMMENT.search(word.text)
    if match is not None:
        message = f"the comment is part of the value `{word.text}`"
        yield warning("trailing-comment", word.span, message, "put it on a line of its own, above")


def _lookalikes_in(pair: nodes.Pair) -> Iterator[Diagnostic]:
    """Quotes that no shell knows stay in the value."""
    value = pair.value
    if value is not None and value.text[:1] in "\u201c\u201d\u2018\u2019\uff02" and value.text:
        message = f"`{value.text[0]}` is no quote: it becomes part of the value"
        yield warning("lookalike-quote", value.span, message, f"write `{LOOKALIKES[value.text[0]]}`")
