"""Where a cursor stands: in which instruction, after which words, in the middle of which one.

While someone types, the tree around the cursor is often broken. So this looks at the text before the cursor, and asks
the tree only which instruction the line belongs to.
"""

from __future__ import annotations

from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.syntax.shift import touching
from dockerlang.text import Span

_BLANKS = " \t\v\f\r"


@record
class Place:
    """A cursor in an instruction.

    `words` are the whole words between the keyword and the cursor's word, flags included, and `words_after` those that
    follow it on the joined line; `word` is the part of the cursor's word that stands before it and `word_span` its
    place, so that a completion replaces that. `heredoc` is set where the cursor is in a body.
    """

    instruction: nodes.Instruction
    words: tuple[str, ...]
    word: str
    word_span: Span
    words_after: tuple[str, ...] = ()
    heredoc: nodes.Heredoc | None = None

    @property
    def is_among_flags(self) -> bool:
        """Whether a flag may stand here: only flags come before."""
        return self.heredoc is None and all(word.startswith("--") for word in self.words)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words before the cursor without the flags at their head."""
        for index, word in enumerate(self.words):
            if not word.startswith("--"):
                return self.words[index:]
        return ()


def place_at(document: nodes.Document, offset: int) -> Place | None:
    """The place of `offset` inside an instruction, after its keyword; None elsewhere.

    Behind `ONBUILD` the instruction is the one that it triggers.
    """
    instruction = instruction_at(document, offset)
    if instruction is None:
        return None
    text = document.source.text
    for heredoc in instruction.heredocs:
        if heredoc.body_span.start <= offset and (heredoc.end_span is None or offset < heredoc.end_span.start):
            start = _word_start(text, heredoc.body_span.start, offset)
            return Place(instruction, (), text[start:offset], Span(start, offset), heredoc=heredoc)
    while isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
        if offset <= instruction.trigger.keyword.span.end:
            break
        instruction = instruction.trigger
    if offset <= instruction.keyword.span.end:
        return None
    start = _word_start(text, instruction.keyword.span.end, offset)
    before = _words(text[instruction.keyword.span.end : start], document.escape)
    after = _words(text[_word_end(text, offset) : instruction.statement.end], document.escape)
    return Place(instruction, before, text[start:offset], Span(start, offset), after)


def instruction_at(document: nodes.Document, offset: int) -> nodes.Instruction | None:
    """The instruction that a cursor at `offset` is in; None between instructions and in comments.

    At the end of the file, after a line that is continued, the cursor is still in that instruction.
    """
    for item in touching(document.items, offset):
        if not isinstance(item, nodes.Instruction):
            continue
        if any(comment.span.touches(offset) for comment in item.comments):
            return None
        if offset < item.span.end or _is_open(document, item):
            return item
    return None


def is_line_start(document: nodes.Document, offset: int) -> bool:
    """Whether an instruction can begin with the word at the cursor: nothing but blanks stands before it."""
    start = _word_start(document.source.text, 0, offset)
    line = document.source.lines.start_of(document.source.lines.line_of(start))
    if document.source.text[line:start].strip(_BLANKS + "\ufeff"):
        return False
    instruction = instruction_at(document, offset)
    return instruction is None or offset <= instruction.keyword.span.end


def _is_open(document: nodes.Document, item: nodes.Instruction) -> bool:
    """Whether what is typed at the end of `item`, the last item, still belongs to it."""
    text = document.source.text
    if item.span.end < len(text):
        return False
    if not text.endswith("\n"):
        return True
    if item.heredocs:
        return not item.heredocs[-1].is_terminated
    lines = text[item.span.start : item.span.end].splitlines()
    code = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return bool(code) and code[-1].rstrip(_BLANKS).endswith(document.escape)


def _word_start(text: str, first: int, offset: int) -> int:
    start = offset
    while start > first and text[start - 1] not in _BLANKS + "\n":
        start -= 1
    return start


def _word_end(text: str, offset: int) -> int:
    end = offset
    while end < len(text) and text[end] not in _BLANKS + "\n":
        end += 1
    return end


def _words(text: str, escape: str) -> tuple[str, ...]:
    """The words of several lines: without comment lines and the characters that continue the others."""
    lines = [line for line in text.split("\n") if not line.lstrip(_BLANKS).startswith("#")]
    return tuple(" ".join(line.rstrip(_BLANKS).removesuffix(escape) for line in lines).split())
