"""Answers as JSON text, kept from one version of a document to the next.

Long answers differ from those before in a few places. Turning all of one into JSON takes longer than finding out what
is in it, so the text is kept in fragments, in which only the lines change when they move.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pygls.protocol import default_converter

from dockerlang.ide.packed_tokens import PackedTokens
from dockerlang.ide.symbols import stage_symbol, symbols_of
from dockerlang.linter.kept import Block
from dockerlang.syntax import nodes
from dockerlang.syntax.shift import Items
from dockerlang_lsp.to_lsp import Dialect

# Inside a string the quotes would be escaped.
_LINE = re.compile(r'"line":(\d+)')
_converter = default_converter()  # type: ignore[no-untyped-call]


class Encoded(str):
    """JSON text that is sent as it is."""


def encoded(value: Any) -> str:
    """A value of the protocol as JSON."""
    return json.dumps(_converter.unstructure(value), separators=(",", ":"))


class Fragment:
    """JSON text about something that begins at a line, for any line that it may move to."""

    def __init__(self, text: str, line: int) -> None:
        self._text, self._line = text, line
        self._lines = [int(number) - line for number in _LINE.findall(text)]
        self._form = _LINE.sub('"line":%d', text.replace("%", "%%"))

    def at(self, line: int) -> str:
        """The text when it begins at `line`."""
        if line != self._line:
            self._text, self._line = self._form % tuple(line + own for own in self._lines), line
        return self._text


@dataclass
class EncodedAnswers:
    """What was last sent about one document."""

    tokens: PackedTokens
    _findings: dict[object, Fragment] = field(default_factory=dict)
    _symbols: dict[int, tuple[nodes.Item, Fragment]] = field(default_factory=dict)

    def findings(self, dialect: Dialect, blocks: Sequence[Block]) -> Encoded:
        """The findings of the blocks as an array of diagnostics."""
        known, self._findings = self._findings, {}
        texts = (self._block(dialect, block, known) for block in blocks)
        return Encoded(f"[{','.join(filter(None, texts))}]")

    def _block(self, dialect: Dialect, block: Block, known: dict[object, Fragment]) -> str:
        line = dialect.document.lines.line_of(block.start)
        fragment = known.get(block.mark) if block.is_local else None
        if fragment is None:
            fragment = Fragment(_joined(dialect.diagnostic(finding) for finding in block.findings), line)
        self._findings[block.mark] = fragment
        return fragment.at(line)

    def outline(self, dialect: Dialect) -> Encoded:
        """The outline as an array of document symbols, nested."""
        known, self._symbols = self._symbols, {}
        items = Items.of(dialect.tree.items)
        top: list[str] = []
        opening: nodes.From | None = None
        below: list[str] = []
        last = 0
        for number, original in enumerate(items.originals):
            if not isinstance(original, nodes.Instruction):
                continue
            if isinstance(original, nodes.From):
                top.extend(_stage(dialect, opening, below, last))
                item = items[number]
                assert isinstance(item, nodes.From)
                opening, below, last = item, [], item.code_span.end
                continue
            fragment = known.get(id(original), (original, None))[1] or _symbols(dialect, items[number])
            self._symbols[id(original)] = (original, fragment)
            text = fragment.at(dialect.document.lines.line_of(items.starts[number]))
            if text:
                last = items.starts[number] + original.code_span.end - original.span.start
                (top if opening is None else below).append(text)
        top.extend(_stage(dialect, opening, below, last))
        return Encoded(f"[{','.join(top)}]")


def _stage(dialect: Dialect, opening: nodes.From | None, below: list[str], end: int) -> Iterator[str]:
    if opening is not None:
        symbol = dialect.document_symbol(stage_symbol(opening, (), end))
        yield encoded(symbol).removesuffix("[]}") + f"[{','.join(below)}]}}"


def _symbols(dialect: Dialect, item: nodes.Item) -> Fragment:
    assert isinstance(item, nodes.Instruction)
    text = _joined(dialect.document_symbol(symbol) for symbol in symbols_of(item))
    return Fragment(text, dialect.document.lines.line_of(item.span.start))


def _joined(values: Iterable[Any]) -> str:
    return ",".join(map(encoded, values))
