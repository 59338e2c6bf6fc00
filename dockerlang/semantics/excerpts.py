"""A document cut down to what one stage can see, so that asking about a stage costs what the stage costs.

An excerpt holds what stands above the first FROM and every FROM with the comments above it, so that stages have their
names and numbers; of the other lines it has those that it was made for. Places are those of the whole document.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from itertools import pairwise

from dockerlang.oci.platform import Platform
from dockerlang.semantics.static_scopes import static_scopes
from dockerlang.syntax import nodes
from dockerlang.syntax.shift import Items


class Division:
    """How the items of a document fall to its stages, by their numbers in the document.

    `head` are those above the first FROM and the comments that belong to it. Of each stage, `parts` has all and
    `openings` the one that is its FROM; comments and blank lines above a FROM are part of the stage that it opens.
    """

    def __init__(self, document: nodes.Document) -> None:
        self.document = document
        self.items = Items.of(document.items)
        originals = self.items.originals
        self.openings = [number for number, item in enumerate(originals) if isinstance(item, nodes.From)]
        leads = [self._lead(number) for number in self.openings]
        borders = [*leads, len(originals)]
        self.head = range(0, borders[0])
        self.parts = [range(start, stop) for start, stop in pairwise(borders)]

    def _lead(self, opening: int) -> int:
        originals = self.items.originals
        first = opening
        while first > 0 and isinstance(originals[first - 1], (nodes.Comment, nodes.Blank)):
            first -= 1
        return first

    def outline(self) -> tuple[int, ...]:
        """The numbers of the items that every excerpt has."""
        found = [*self.head]
        for part, opening in zip(self.parts, self.openings, strict=True):
            found.extend(range(part.start, opening + 1))
        return tuple(found)

    def excerpt(self, stages: Collection[int] = (), also: Iterable[int] = ()) -> nodes.Document:
        """The document with the whole of these stages (by index) and the items of these numbers besides the outline."""
        chosen = {*self.outline(), *also}
        for index in stages:
            chosen.update(self.parts[index])
        items = tuple(self.items[number] for number in sorted(chosen))
        document = self.document
        return nodes.Document(document.span, document.source, items, document.escape, document.has_open_heredoc)

    def stage_at(self, offset: int) -> int | None:
        """The index of the stage whose lines a cursor at `offset` is in; None above the first."""
        number = bisect_right(self.items.starts, offset) - 1
        index = bisect_right(self.parts, number, key=lambda part: part.start) - 1
        return index if index >= 0 else None

    def bases(self, target: Platform | None = None) -> tuple[int | None, ...]:
        """Of each stage the index of the one that its FROM names; None where that is an image."""
        scopes = static_scopes(self.excerpt(), target=target)
        bases = (scopes.base_of(stage) for stage in scopes.stages)
        return tuple(None if base is None else base.index for base in bases)


def ancestry(bases: tuple[int | None, ...], index: int) -> tuple[int, ...]:
    """A stage, the stage that it is built on, and so on, by index."""
    found = [index]
    while (base := bases[found[-1]]) is not None:
        found.append(base)
    return tuple(found)


def around(document: nodes.Document, offset: int) -> nodes.Document:
    """The excerpt that has all which the line at `offset` can see: its stage and those that it is built on."""
    division = Division(document)
    index = division.stage_at(offset)
    return division.excerpt(() if index is None else ancestry(division.bases(), index))
