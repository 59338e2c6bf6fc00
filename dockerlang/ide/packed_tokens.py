"""Tokens as editors take them, five numbers each, kept from one version of a document to the next.

The numbers are those of the Language Server Protocol, section "Semantic Tokens": line and column counted from the
token before, length, kind (numbered in the order of `TokenKind`), and 0 for the modifiers. An item of a document begins
at the start of a line, so that its tokens read the same wherever it stands, but for the line of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from dockerlang.ide.tokens import packed, tokens_of
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.syntax.shift import Items
from dockerlang.text import Encoding, LineIndex


@record
class _Piece:
    """The tokens of one item: the line (from the item's own) of the first and of the last, and the numbers as text.

    `numbers` leaves out the very first number; `length` counts all of them.
    """

    original: nodes.Item
    first: int
    last: int
    numbers: str
    length: int


@record
class TokenEdit:
    """Replaces `removed` numbers from number `start` on; `numbers` are parted by commas."""

    start: int
    removed: int
    numbers: str


@dataclass
class PackedTokens:
    """The tokens of one open document for a client that counts columns in `encoding`.

    `name` is the name of the last answer, by which a client asks for what has changed since.
    """

    encoding: Encoding
    name: str = ""
    _names: count[int] = field(default_factory=count)
    _pieces: dict[int, _Piece] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _lengths: list[int] = field(default_factory=list)

    def all(self, document: nodes.Document, lines: LineIndex) -> str:
        """All numbers, parted by commas; the answer gets a new name."""
        self._read(document, lines)
        return ",".join(self._texts)

    def since(self, name: str, document: nodes.Document, lines: LineIndex) -> TokenEdit | None:
        """The one change to the numbers of the answer of that name; None where that was not the last answer."""
        if name != self.name:
            return None
        old, old_lengths = self._texts, self._lengths
        self._read(document, lines)
        new = self._texts
        shortest = min(len(old), len(new))
        before = next((at for at in range(shortest) if old[at] != new[at]), shortest)
        after = next((at for at in range(shortest - before) if old[-1 - at] != new[-1 - at]), shortest - before)
        removed = sum(old_lengths[before : len(old) - after])
        return TokenEdit(sum(old_lengths[:before]), removed, ",".join(new[before : len(new) - after]))

    def _read(self, document: nodes.Document, lines: LineIndex) -> None:
        items = Items.of(document.items)
        pieces: dict[int, _Piece] = {}
        texts: list[str] = []
        lengths: list[int] = []
        line = 0
        for number, original in enumerate(items.originals):
            piece = self._pieces.get(id(original))
            if piece is None:
                piece = self._piece(document, original, items[number], lines)
            pieces[id(original)] = piece
            if piece.length:
                start = lines.line_of(items.starts[number])
                texts.append(f"{start + piece.first - line}{piece.numbers}")
                lengths.append(piece.length)
                line = start + piece.last
        self._pieces, self._texts, self._lengths = pieces, texts, lengths
        self.name = str(next(self._names))

    def _piece(self, document: nodes.Document, original: nodes.Item, item: nodes.Item, lines: LineIndex) -> _Piece:
        found = tokens_of(document.source, item)
        if not found:
            return _Piece(original, 0, 0, "", 0)
        numbers = packed(found, lines, self.encoding)
        start = lines.line_of(item.span.start)
        first, last = (lines.line_of(token.span.start) - start for token in (found[0], found[-1]))
        return _Piece(original, first, last, "," + ",".join(map(str, numbers[1:])), len(numbers))
