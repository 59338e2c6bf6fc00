"""Lines that are no instruction: one report for each run of them, unless each is a mistake of its own."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.records import replace
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.keywords import guess_keyword
from dockerlang.syntax.checks.report import error
from dockerlang.syntax.checks.strays import explain_stray, is_conflict

_CODE = "unknown-instruction"
_LINES_READ_AHEAD = 100


def unknown_instructions(document: nodes.Document) -> Iterator[Diagnostic]:
    """What is wrong with the lines that are no instruction."""
    lines = [instruction for instruction in document.instructions if isinstance(instruction, nodes.Invalid)]
    if lines and lines[0] is document.instructions[0] and _is_binary(document):
        yield _binary(document, lines[0])
        return
    has_conflict = False
    for before, run in _runs(document):
        if not is_conflict(run[0]):
            yield from _report(run, before, document)
        elif not has_conflict:
            # Its other marks are further down, with instructions in between.
            has_conflict = True
            message = "a merge conflict is not resolved here"
            yield error(
                _CODE, run[0].keyword.span, message, "keep one of the two sides and remove the lines with the marks"
            )


def _runs(document: nodes.Document) -> Iterator[tuple[nodes.Item | None, list[nodes.Invalid]]]:
    """Lines that are no instruction, directly one after another, and what stands above them."""
    before: nodes.Item | None = None
    run: list[nodes.Invalid] = []
    for item in document.items:
        if isinstance(item, nodes.Invalid):
            run.append(item)
            continue
        if run:
            yield before, run
            run = []
        before = item
    if run:
        yield before, run


def _report(run: list[nodes.Invalid], before: nodes.Item | None, document: nodes.Document) -> Iterator[Diagnostic]:
    first: Diagnostic | None = None
    more = 0
    for index, line in enumerate(run):
        rest = run[index : index + _LINES_READ_AHEAD]
        explained = explain_stray(rest, before, document) if first is None else None
        guess = guess_keyword(line)
        word = line.keyword.text
        if guess is not None and (explained is None or word.isupper() or guess.is_certain):
            yield replace(error(_CODE, guess.span, guess.message, guess.help), fixes=guess.fixes)
            continue
        if first is not None:
            more += 1
            continue
        message, help_text = explained or (f"`{word}` is no instruction", "")
        first = error(_CODE, line.keyword.span, message, help_text)
    if first is not None:
        yield replace(first, note=f"and the {f'{more} lines' if more > 1 else 'line'} after it") if more else first


def _is_binary(document: nodes.Document) -> bool:
    return "\0" in document.source.text[:1000]


def _binary(document: nodes.Document, line: nodes.Invalid) -> Diagnostic:
    text = document.source.text
    letters = text[:200].count("\0") * 3
    if letters > len(text[:200]):
        message = "the file is not UTF-8: every other byte of it is zero"
        return error(_CODE, line.keyword.span, message, "it looks like UTF-16: save it as UTF-8")
    return error(_CODE, line.keyword.span, "the file is not text: zero bytes are in it", "is it the right one?")
