"""Lines that go on with the instruction above them, which ended too early, and why it did."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerlang.syntax import nodes
from dockerlang.text import Source

_HEREDOC = re.compile(r"<<[<-]?[ \t]*['\"]?(?P<name>\w+)")
_ESCAPE_DIRECTIVE = re.compile(r"escape\s*=\s*[`\\]\s*")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)

Explanation = tuple[str, str]
"""A message, and what to do."""


def explain_unfinished(
    run: Sequence[nodes.Invalid], before: nodes.Instruction, document: nodes.Document
) -> Explanation | None:
    """A line that goes on with the instruction before it, which ended too early."""
    line, source = run[0], document.source
    number = source.lines.line_of(max(before.statement.end - 1, before.statement.start)) + 1
    message = f"`{line.keyword.text}` is no instruction"
    heredoc = _closing_word(before, run)
    if heredoc:
        return message, f"`{heredoc}` in line {number} opens no heredoc: {_why_no_heredoc(before, heredoc)}"
    if isinstance(before, nodes.From) or not _goes_on(line, before, source):
        return None
    return message, _why_it_ended(before, number, document)


def _closing_word(before: nodes.Instruction, run: Sequence[nodes.Invalid]) -> str:
    """The mark of a heredoc that was not read as one, although a line further down is its end."""
    if before.heredocs:
        return ""
    words = {stray.text.strip() for stray in run}
    return next((mark[0] for mark in _HEREDOC.finditer(before.text) if mark["name"] in words), "")


def _why_no_heredoc(before: nodes.Instruction, mark: str) -> str:
    if mark.startswith("<<<"):
        return "`<<<` takes a string; write `<<`"
    if re.match(r"<<-[ \t]", mark):
        return "write no blank after `<<-`"
    at = before.text.find(mark)
    if at and before.text[at - 1] not in " \t":
        return "put a blank before `<<`"
    if _has_open_quote(before.text):
        return "a quote is not closed on that line"
    return "it must be a word of its own in RUN, COPY or ADD"


def _goes_on(line: nodes.Invalid, before: nodes.Instruction, source: Source) -> bool:
    word = line.keyword.text
    is_indented = _indentation(line, source) > _indentation(before, source)
    is_pair = isinstance(before, nodes.Env | nodes.Label | nodes.Arg) and ASSIGNMENT.fullmatch(word) is not None
    return (
        word.startswith(("&&", "||", "|", "]", ")", ">"))
        or word in (";", "then", "fi", "done", "esac", "else", "}")
        or is_indented
        or is_pair
        or (isinstance(before, nodes.Run) and _has_open_quote(before.text))
    )


def _indentation(instruction: nodes.Instruction, source: Source) -> int:
    """The blanks before the last line of an instruction."""
    start = source.lines.start_of(source.lines.line_of(instruction.keyword.span.start))
    return instruction.keyword.span.start - start


def _why_it_ended(before: nodes.Instruction, number: int, document: nodes.Document) -> str:
    escape = document.escape
    text = before.text.rstrip()
    other = "`" if escape == "\\" else "\\"
    end = f"`{escape}`" if escape == "\\" else "a backtick"
    if text.endswith(escape * 2):
        return f"line {number} ends with two of the escape character, which do not continue it: write one"
    if text.endswith(other):
        escape_character = f"the escape character is {named(escape)}{_misplaced(document)}"
        return f"line {number} ends with {named(other)}, but {escape_character}"
    if text.endswith("/"):
        return f"line {number} ends with `/`: did you mean {end}?"
    if re.search(rf"{re.escape(escape)}[ \t]+\S[^{re.escape(escape)}]*$", text) and "#" in text.rpartition(escape)[2]:
        return f"a comment follows {named(escape)} in line {number}, which then ends there: give it a line of its own"
    if isinstance(before, nodes.Run) and _has_open_quote(before.text):
        heredoc = "use a heredoc (`RUN <<EOF`)"
        return f"a quote is open at the end of line {number}: {heredoc}, or end each line with {end}"
    return f"if it goes on with line {number}, end that line with {end}"


def _misplaced(document: nodes.Document) -> str:
    comments = (item for item in document.items[:50] if isinstance(item, nodes.Comment))
    late = next((comment for comment in comments if _ESCAPE_DIRECTIVE.fullmatch(comment.text)), None)
    if late is None:
        return ""
    return f": the directive in line {document.source.lines.line_of(late.hash_offset) + 1} does not stand at the top"


def _has_open_quote(text: str) -> bool:
    """Whether a shell would look for the end of a quote on the next line."""
    return bool(quote_after(text))


def quote_after(text: str, quote: str = "") -> str:
    """The quote that is open in a shell's eyes at the end of a text, where `quote` was open at its start, or none."""
    index = 0
    while index < len(text):
        character = text[index]
        if character == "\\" and quote != "'":
            index += 1
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        index += 1
    return quote


def named(character: str) -> str:
    """A character as messages write it."""
    return "a backtick" if character == "`" else f"`{character}`"
