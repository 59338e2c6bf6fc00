"""The outline of a Dockerfile: stages as parents, their instructions below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span

_DETAIL_LENGTH = 60


class SymbolKind(Enum):
    """What a line of the outline stands for."""

    STAGE = "stage"
    INSTRUCTION = "instruction"
    VARIABLE = "variable"


@record
class Symbol:
    """A line of the outline.

    `span` is all that belongs to it, `selection` what to put the cursor on; the selection lies inside the span.
    """

    name: str
    detail: str
    kind: SymbolKind
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


def document_symbols(document: nodes.Document) -> tuple[Symbol, ...]:
    """The outline, in the order of the file. What stands before the first stage is at the top level."""
    symbols: list[Symbol] = []
    stage: nodes.From | None = None
    below: list[Symbol] = []
    for instruction in document.instructions:
        if isinstance(instruction, nodes.From):
            if stage is not None:
                symbols.append(stage_symbol(stage, below))
            stage, below = instruction, []
        elif stage is None:
            symbols.extend(symbols_of(instruction))
        else:
            below.extend(symbols_of(instruction))
    if stage is not None:
        symbols.append(stage_symbol(stage, below))
    return tuple(symbols)


def stage_symbol(instruction: nodes.From, below: Sequence[Symbol], end: int = 0) -> Symbol:
    """The line of a stage, with these lines below it; it reaches to the last of them, and at least to `end`."""
    image = instruction.image.text if instruction.image is not None else ""
    name = instruction.stage.text if instruction.stage is not None else image or "FROM"
    selected = instruction.stage or instruction.image or instruction.keyword
    last = below[-1].span.end if below else 0
    span = Span(instruction.code_span.start, max(last, end, instruction.code_span.end))
    return Symbol(name, "" if name == image else image, SymbolKind.STAGE, span, selected.span, tuple(below))


def symbols_of(instruction: nodes.Instruction) -> Iterator[Symbol]:
    """The line of an instruction that is no FROM."""
    keyword = instruction.keyword.text.upper()
    if not keyword:
        # A lone escape character at the end of the file; editors refuse lines without a name.
        return
    rest = instruction.text[len(instruction.keyword.text) :].strip()
    children = tuple(
        Symbol(name.text, value.text if value is not None else "", SymbolKind.VARIABLE, span, name.span)
        for name, value, span in _names(instruction)
        if name.text
    )
    if len(children) == 1:
        # One name on the line is the line: `ENV PATH` instead of a parent with one child.
        child = children[0]
        yield Symbol(f"{keyword} {child.name}", child.detail, child.kind, instruction.code_span, child.selection)
    else:
        detail = "" if children else _shortened(rest)
        kind = SymbolKind.INSTRUCTION
        yield Symbol(keyword, detail, kind, instruction.code_span, instruction.keyword.span, children)


def _names(instruction: nodes.Instruction) -> Iterator[tuple[nodes.Name | nodes.Word, nodes.Word | None, Span]]:
    """The variables that an instruction sets, with their values and places."""
    match instruction:
        case nodes.Arg():
            for declaration in instruction.declarations:
                yield declaration.name, declaration.value, declaration.span
        case nodes.Env():
            for pair in instruction.pairs:
                yield pair.name, pair.value, pair.span


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _DETAIL_LENGTH else words[: _DETAIL_LENGTH - 1].rstrip() + "…"
