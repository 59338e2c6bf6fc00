"""What is no mistake of syntax but hardly what its writer meant: text that the reference takes for something else.

These are warnings: the file builds, or fails later with a message that leads away from the cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.syntax import nodes
from dockerlang.text import Span

# What word processors and input methods make of quotes, commas and blanks.
_LOOKALIKES = {
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\uff02": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2018": "'", "\u2019": "'", "\uff07": "'",
    "\uff0c": ",", "\u3001": ",", "\uff1d": "=", "\uff04": "$", "\u00a0": " ", "\u3000": " ",
    "\u2013": "-", "\u2014": "--", "\u2212": "-",
}  # fmt: skip
_LOOKALIKE = re.compile("[" + "".join(_LOOKALIKES) + "]")
_COMMENT = re.compile(r"(?:^|[\t ])#[\t ]")


def suspicions(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """All of them, in the order of their places."""
    found = [one for instruction in document.instructions for one in _of(instruction)]
    return tuple(sorted(found, key=lambda diagnostic: diagnostic.span.start))


def _warning(code: str, span: Span, message: str, help: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, span, message, help=help)


def _of(instruction: nodes.Instruction) -> Iterator[Diagnostic]:
    match instruction:
        case nodes.OnBuild(trigger=nodes.Instruction() as trigger):
            yield from _of(trigger)
        case nodes.Cmd() | nodes.Entrypoint() | nodes.Run() | nodes.Shell() | nodes.Healthcheck():
            if isinstance(instruction.command, nodes.ShellForm) and not instruction.heredocs:
                yield from _almost_array(instruction.command.text, instruction.command.span)
        case nodes.Transfer() if not instruction.is_json:
            yield from _almost_array_of_words(instruction, instruction.sources)
        case nodes.Volume() if not instruction.is_json:
            yield from _almost_array_of_words(instruction, instruction.paths)
        case nodes.Expose():
            yield from _trailing_comment(instruction.ports)
        case nodes.User(user=nodes.Word() as word) | nodes.Workdir(path=nodes.Word() as word):
            yield from _comment_in(word)
        case nodes.StopSignal(signal=nodes.Word() as word):
            yield from _comment_in(word)
        case nodes.Env() | nodes.Label():
            for pair in instruction.pairs:
                yield from _lookalikes_in(pair)


def _almost_array_of_words(
    instruction: nodes.Instruction, words: tuple[nodes.Word | nodes.Heredoc, ...]
) -> Iterator[Diagnostic]:
    first = words[0] if words else None
    if isinstance(first, nodes.Word) and first.text.startswith("["):
        at = instruction.text.find(first.text)
        text = instruction.text[at:].rstrip()
        yield from _almost_array(text, Span(first.span.start, instruction.statement.end))


def _almost_array(text: str, span: Span) -> Iterator[Diagnostic]:
    """Text that looks like a JSON array and is none is given to a shell, or split at its blanks."""
    if not text.startswith("[") or text.startswith(("[ ", "[[")):
        return  # `[ -f x ]` is a command
    looks_like_array = text.rstrip().endswith("]") or _LOOKALIKE.search(text) or text.startswith(("['", '["'))
    if not looks_like_array:
        return
    reason, help_text = _why_no_array(text)
    yield _warning("almost-array", span, f"this is no JSON array, so it is not the exec form: {reason}", help_text)


def _why_no_array(text: str) -> tuple[str, str]:
    lookalike = _LOOKALIKE.search(text)
    if lookalike is not None:
        found = lookalike[0]
        return f"`{found}` is not `{_LOOKALIKES[found]}`", f"write `{_LOOKALIKES[found]}`"
    if "'" in text and '"' not in text:
        return "its strings are in single quotes", "JSON has double quotes only"
    if re.search(r",\s*\]", text):
        return "there is a comma before the closing bracket", "remove that comma"
    if _COMMENT.search(text.rpartition("]")[2]):
        return "a comment follows it", "put the comment on a line of its own"
    if not text.rstrip().endswith("]"):
        return "something follows the closing bracket, or the bracket is missing", 'write ["executable", "argument"]'
    if re.search(r"\\(?![\"\\/bfnrtu])", text):
        return "a backslash in it is no JSON escape", "write it twice: `\\\\`"
    return "its elements are not all in double quotes, with commas between", 'write ["executable", "argument"]'


def _trailing_comment(words: tuple[nodes.Word, ...]) -> Iterator[Diagnostic]:
    for word in words:
        if word.text.startswith("#"):
            message = "a comment cannot follow an instruction on its line"
            yield _warning("trailing-comment", word.span, message, "put it on a line of its own, above")
            return


def _comment_in(word: nodes.Word) -> Iterator[Diagnostic]:
    match = _COMMENT.search(word.text)
    if match is not None:
        message = f"the comment is part of the value `{word.text}`"
        yield _warning("trailing-comment", word.span, message, "put it on a line of its own, above")


def _lookalikes_in(pair: nodes.Pair) -> Iterator[Diagnostic]:
    """Quotes that no shell knows stay in the value."""
    value = pair.value
    if value is not None and value.text[:1] in "\u201c\u201d\u2018\u2019\uff02" and value.text:
        message = f"`{value.text[0]}` is no quote: it becomes part of the value"
        yield _warning("lookalike-quote", value.span, message, f"write `{_LOOKALIKES[value.text[0]]}`")
