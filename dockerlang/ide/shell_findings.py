"""What a slow check found in the scripts of a document, kept over edits until it has run again.

Without this the underlines of ShellCheck would go out with each key and come back when typing stops.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from dockerlang.diagnostics import Diagnostic
from dockerlang.edits import Edit
from dockerlang.ide.carried import carried_over
from dockerlang.linter.kept import Block
from dockerlang.syntax import nodes
from dockerlang.syntax.shift import Items


class ShellFindings:
    """The findings of one version of a document, by the items that they are in."""

    def __init__(self, document: nodes.Document, findings: Iterable[Diagnostic] = ()) -> None:
        self._items = Items.of(document.items)
        self._blocks: dict[int, tuple[nodes.Item, Block]] = {}
        self._add(findings)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """A block for each item that something was found in, in the order of the file."""
        return tuple(self._in_order())

    def carried_over(self, document: nodes.Document, edit: Edit) -> ShellFindings:
        """The findings that `edit` did not touch, at their places in the document that it made."""
        new = ShellFindings(document)
        present = set(map(id, new._items.originals))
        lost: list[Diagnostic] = []
        for block in self._in_order():
            original = self._items.originals[self._number_of(block)]
            if id(original) in present:
                new._blocks[id(original)] = (original, block)
            else:
                lost.extend(block.findings)
        new._add(carried_over(lost, edit))
        return new

    def _add(self, findings: Iterable[Diagnostic]) -> None:
        grouped: dict[int, list[Diagnostic]] = {}
        for finding in findings:
            grouped.setdefault(bisect_right(self._items.starts, finding.span.start) - 1, []).append(finding)
        for number, own in grouped.items():
            original = self._items.originals[number]
            start = self._items.starts[number]
            self._blocks[id(original)] = (original, Block.of(tuple(own), start))

    def _in_order(self) -> Iterator[Block]:
        for number, original in enumerate(self._items.originals):
            known = self._blocks.get(id(original))
            if known is not None:
                yield known[1].at(self._items.starts[number])

    def _number_of(self, block: Block) -> int:
        return bisect_right(self._items.starts, block.start) - 1
