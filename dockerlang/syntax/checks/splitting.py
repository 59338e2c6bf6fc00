"""Mistakes that the reference finds while it splits a line into its parts: pairs, JSON arrays and heredocs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.arrays import odd_element
from dockerlang.syntax.checks.report import error, too_few
from dockerlang.text import Source, Span

_WORD = re.compile(r"\w+")


def splitting_problems(instruction: nodes.Instruction, source: Source) -> Iterator[Diagnostic]:
    """Mistakes that the reference finds while it splits the line, below ONBUILD too."""
    match instruction:
        case nodes.Env() | nodes.Label():
            yield from _pair_problems(instruction, source)
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.Shell() | nodes.Healthcheck():
            command = instruction.command
            is_checked = not isinstance(instruction, nodes.Healthcheck) or instruction.kind is not None
            if is_checked and isinstance(command, nodes.ShellForm) and not instruction.heredocs:
                yield from _array_problems(command.text, command)
        case nodes.Transfer() if not instruction.is_json and instruction.sources:
            yield from _argument_array_problems(instruction, instruction.sources[0])
        case nodes.Volume() if not instruction.is_json and instruction.paths:
            yield from _argument_array_problems(instruction, instruction.paths[0])
        case nodes.OnBuild(trigger=nodes.Instruction() as trigger):
            yield from splitting_problems(trigger, source)
            return
    for heredoc in instruction.heredocs:
        if not heredoc.is_terminated:
            message = f"the heredoc `{heredoc.delimiter}` does not end"
            yield error("open-heredoc", heredoc.span, message, _end_of(heredoc, source))


# ---------------------------------------------------------------- heredocs


def _end_of(heredoc: nodes.Heredoc, source: Source) -> str:
    """What to do about a heredoc without an end: some line of its body was probably meant to be it."""
    delimiter = heredoc.delimiter
    if "))" in delimiter:
        return "if `<<` was meant as arithmetic, put no blank before it: `$((1<<2))`"
    first = _WORD.match(delimiter)
    offset = heredoc.body_span.start
    for line in heredoc.content.split("\n"):
        number = source.lines.line_of(offset) + 1
        offset += len(line) + 1
        text = line.strip()
        if text == delimiter:
            dash = ", or write `<<-`, which allows tabs before it" if line.startswith("\t") else ""
            return f"line {number} has blanks beside `{delimiter}`: remove them{dash}"
        if text.lower() == delimiter.lower():
            return f"line {number} is `{text}`: write `{delimiter}`"
        if first is not None and text == first[0] != delimiter:
            return f"the mark goes on up to the next blank: write `<<{text} {delimiter.removeprefix(text)}`"
    return f"add a line that is exactly `{delimiter}`"


# ---------------------------------------------------------------- pairs


def _pair_problems(instruction: nodes.Env | nodes.Label, source: Source) -> Iterator[Diagnostic]:
    keyword = instruction.keyword.text.upper()
    if not instruction.pairs:
        yield too_few(instruction, "at least one argument")
    before: nodes.Pair | None = None
    for index, pair in enumerate(instruction.pairs):
        if pair.value is not None:
            before = pair
        elif instruction.is_legacy:
            message = f"{keyword} `{pair.name.text}` has no value"
            name, has_colon, rest = pair.name.text.partition(":")
            help_text = f"write `{name}={rest or 'value'}`" if has_colon else f"write `{pair.name.text}=value`"
            yield error("pair-without-value", pair.span, message, help_text)
        elif index == 0 or instruction.pairs[index - 1].value is not None:
            # Words after this one without `=` belong to the same mistake.
            yield _without_equals(pair, before, instruction.pairs[index:], source)


def _without_equals(
    pair: nodes.Pair, before: nodes.Pair | None, rest: Sequence[nodes.Pair], source: Source
) -> Diagnostic:
    word = pair.name.text
    message = f"`{word}` has no `=`"
    words = _leading_words(rest)
    help_text = 'quote a value that holds blanks: `name="a value"`'
    if word.startswith("#"):
        message, help_text = "a comment cannot follow an instruction on its line", "put it on a line of its own, above"
    elif word.upper() in nodes.INSTRUCTIONS and word.isupper() and _begins_line(pair.span, source):
        line = source.lines.line_of(pair.span.start)
        message = f"{word} stands inside of the instruction above"
        help_text = f"remove the escape character at the end of line {line}"
    elif before is not None and before.value is not None:
        name, value = before.name.text, before.value.text
        if not value:
            help_text = f"write no blanks around `=`: `{name}={word}`"
        elif not set(value) & {'"', "'", "\\", "`"} and all(len(part) < 60 for part in (value, words)):
            help_text = f'quote a value that holds blanks: `{name}="{value} {words}"`'
    return error("pair-without-equals", pair.span, message, help_text)


def _leading_words(pairs: Sequence[nodes.Pair]) -> str:
    """The words up to the next pair that is one."""
    words: list[str] = []
    for pair in pairs[:8]:
        if pair.value is not None:
            break
        words.append(pair.name.text)
    return " ".join(words)


def _begins_line(span: Span, source: Source) -> bool:
    start = source.lines.start_of(source.lines.line_of(span.start))
    return not source.text[start : span.start].strip()


# ---------------------------------------------------------------- arrays


def _argument_array_problems(
    instruction: nodes.Transfer | nodes.Volume, first: nodes.Word | nodes.Heredoc
) -> Iterator[Diagnostic]:
    if isinstance(first, nodes.Word) and first.text.startswith("["):
        # Arguments are separate words by now; the array, if it is one, is the rest of the line from the first of them.
        at = instruction.text.find(first.text)
        yield from _array_problems(instruction.text[at:], Span(first.span.start, instruction.statement.end))


def _array_problems(text: str, place: nodes.ShellForm | Span) -> Iterator[Diagnostic]:
    """A valid JSON array that does not hold strings only is an error; what is no JSON at all is shell form."""
    found = odd_element(text) if text.startswith("[") else None
    if found is None:
        return
    start, end = found
    element = text[start:end]
    help_text = f'write `"{element}"`' if element[0] not in "[{" else "put every element in quotes"
    yield error(
        "array-of-strings", span_in(place, start, end, len(text)), "the JSON array may hold strings only", help_text
    )


def span_in(place: nodes.ShellForm | Span, start: int, end: int, length: int) -> Span:
    """The span of a part of a text; the whole where its parts cannot be told because it runs over several lines."""
    if isinstance(place, nodes.ShellForm):
        return place.offsets.span(start, end)
    return place.part(start, end) if len(place) <= length else place
