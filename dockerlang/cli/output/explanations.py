"""Prints what one instruction does: as text that keeps to the width of a terminal, or as values for programs."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import TextIO

from dockerlang.cli.output.columns import text_width
from dockerlang.cli.output.printable import printable
from dockerlang.cli.output.snippet import Line, Piece, Style
from dockerlang.cli.output.text import WIDTH_WITHOUT_TERMINAL, print_lines
from dockerlang.ide.explained_words import ExplainedWord, Origin, Step
from dockerlang.ide.explanation import ExplainedName, Explanation
from dockerlang.semantics.packages import Package, PackageCall
from dockerlang.text import Source

_INDENT = "  "
_WIDEST_NAME = 28
_NARROWEST = 20
_DOUBT = "; the base image may change it"


def print_explanation(source: Source, explanation: Explanation, stream: TextIO) -> None:
    """Print an explanation for people."""
    width = shutil.get_terminal_size().columns if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    print_lines(explanation_lines(source, explanation, width), stream)


def explanation_lines(source: Source, explanation: Explanation, width: int) -> Iterator[Line]:
    """The lines of an explanation, none wider than `width` but those of the instruction itself."""
    for text in source.slice(explanation.instruction.code_span).splitlines():
        yield (Piece(printable(text)),)
    for note in explanation.notes:
        yield from _wrapped("", note, "", width, Style.FRAME)
    if explanation.words:
        yield from _title("words")
        for word in explanation.words:
            yield from _word(word, width)
    if explanation.settings:
        yield from _title("runs as" if len(explanation.settings) > 1 else "paths begin in")
        rows = [(each.name, each.value, each.origin.text) for each in explanation.settings]
        yield from _table(rows, width)
    if explanation.arguments:
        yield from _title("starts")
        yield from _wrapped(_INDENT, json.dumps(explanation.arguments, ensure_ascii=False), "", width)
    if explanation.packages:
        yield from _title("packages")
        for call in explanation.packages:
            yield from _call(call, width)
    names = [name for name in explanation.names if not name.is_automatic]
    if names:
        yield from _title("sees")
        yield from _table([_name(name) for name in names], width)


def explanation_json(source: Source, explanation: Explanation) -> dict[str, object]:
    """The same as values that `json.dumps` takes; lines count from 1."""
    instruction = explanation.instruction
    span = instruction.code_span
    return {
        "file": source.name,
        "line": source.lines.line_of(span.start) + 1,
        "end_line": source.lines.line_of(max(span.end - 1, span.start)) + 1,
        "instruction": instruction.KEYWORD or instruction.keyword.text,
        "text": source.slice(span),
        "stage": explanation.stage or None,
        "notes": list(explanation.notes),
        "words": [
            {
                "written": word.written,
                "value": word.value,
                "certain": word.is_certain,
                "problem": word.problem or None,
                "steps": [
                    {"written": step.written, "result": step.result, "name": step.name, "value": step.value,
                     "certain": step.is_certain, **_origin(step.origin)}
                    for step in word.steps
                ],
            }
            for word in explanation.words
        ],
        "settings": {each.name: {"value": each.value, **_origin(each.origin)} for each in explanation.settings},
        "arguments": list(explanation.arguments),
        "packages": [
            {
                "manager": call.manager,
                "action": call.action.name.lower(),
                "options": [{"name": option.name, "value": option.value} for option in call.options],
                "packages": [
                    {"name": package.name, "constraint": package.constraint or None, "source": package.source.value,
                     "text": package.text, "static": package.is_static, **_place(package, source)}
                    for package in call.packages
                ],
            }
            for call in explanation.packages
        ],
        "names": [
            {"name": name.name, "value": name.value, "certain": name.is_certain, "automatic": name.is_automatic,
             **_origin(name.origin)}
            for name in explanation.names
        ],
    }  # fmt: skip


def _origin(origin: Origin) -> dict[str, object]:
    return {"origin": origin.text, "origin_line": origin.line}


def _place(package: Package, source: Source) -> dict[str, object]:
    start = source.lines.position(package.span.start)
    return {"line": start.line + 1, "column": start.column + 1}


def _title(text: str) -> Iterator[Line]:
    yield ()
    yield (Piece(f"{text}:", Style.MESSAGE),)


def _word(word: ExplainedWord, width: int) -> Iterator[Line]:
    yield from _wrapped(_INDENT, word.written, "", width)
    for step in word.steps:
        yield from _wrapped(_INDENT * 2, step.written, _told(step), width, Style.LABEL)
    if word.value is None:
        yield from _wrapped(_INDENT * 2, "cannot be expanded:", word.problem, width, Style.ERROR)
    else:
        yield from _wrapped(
            _INDENT * 2, "becomes", f"`{word.value}`" + ("" if word.is_certain else _DOUBT), width, Style.HELP
        )


def _told(step: Step) -> str:
    if step.value is None:
        is_set = "is not set" if step.is_certain else "is not set here; the base image may set it"
        return is_set if not step.result else f"becomes `{step.result}`: {step.name} {is_set}"
    doubt = "" if step.is_certain else _DOUBT
    if step.result in (step.value, None):
        return f"is `{step.value}`, from {step.origin.text}{doubt}"
    return f"becomes `{step.result}`: {step.name} is `{step.value}`, from {step.origin.text}{doubt}"


def _call(call: PackageCall, width: int) -> Iterator[Line]:
    yield from _wrapped(_INDENT, call.manager, call.action.value, width, Style.LABEL)
    rows = [(package.name, _version(package), "") for package in call.packages]
    yield from _table(rows, width, _INDENT * 2)


def _version(package: Package) -> str:
    if package.source.value == "index":
        return package.constraint or "any version"
    where = {"git": "a repository", "url": "a URL"}.get(package.source.value, f"a local {package.source.value}")
    return f"{where} {package.constraint}".rstrip()


def _name(name: ExplainedName) -> tuple[str, str | None, str]:
    doubt = "" if name.is_certain else _DOUBT
    return name.name, "no value" if name.value is None else f"`{name.value}`", name.origin.text + doubt


def _table(rows: Iterable[tuple[str, str | None, str]], width: int, indent: str = _INDENT) -> Iterator[Line]:
    """Names in a column of their own, each with what is said of it."""
    kept = [(printable(name), ", ".join(filter(None, texts))) for name, *texts in rows]
    widest = min(max((text_width(name) for name, _ in kept), default=0), _WIDEST_NAME)
    for name, text in kept:
        padding = " " * max(widest - text_width(name), 0)
        yield from _wrapped(indent, name + padding, text, width, Style.LABEL)


def _wrapped(indent: str, head: str, text: str, width: int, style: Style = Style.PLAIN) -> Iterator[Line]:
    """A head and what is said of it; more lines stand below that, or a little further in where the head is long."""
    head = printable(head)
    if not text or text_width(indent + head) + _NARROWEST > width:
        for number, part in enumerate(_parts(head, width - len(indent) - (2 if text else 0))):
            yield Piece(indent + (_INDENT if number else "")), Piece(part, style)
        column = len(indent) + 4
        lead: tuple[Piece, ...] = (Piece(" " * column),)
    else:
        column = text_width(indent + head) + 1
        lead = (Piece(indent), Piece(head, style), Piece(" "))
    for part in _parts(printable(text), width - column):
        yield (*lead, Piece(part))
        lead = (Piece(" " * column),)


def _parts(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width - 2, _NARROWEST // 2), break_on_hyphens=False)
