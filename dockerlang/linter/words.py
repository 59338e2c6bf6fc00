"""Questions that many rules ask about a word: its text without quotes, its variables, the place of a part of it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.syntax import nodes, walk
from dockerlang.text import Span


def unquoted(word: nodes.Word) -> str:
    """The word's text with quotes and escapes removed; of a variable its name is left, as `$name` or `${name}`."""
    if isinstance(word, nodes.JsonString) or word.is_plain:
        return word.text
    return "".join(_piece_text(piece) for piece in word.pieces)


def variables(node: nodes.Node) -> Iterator[nodes.Variable]:
    """The variables in a word or below any other node, those in operands too."""
    return (found for found in walk.walk(node) if isinstance(found, nodes.Variable))


def has_variable(word: nodes.Word) -> bool:
    """Whether what the word means depends on a variable."""
    return not word.is_plain and any(True for _ in variables(word))


def part_of(word: nodes.Word, start: int, end: int) -> Span:
    """The source span of `[start, end)` of the word's text; the whole word where it does not stand in one piece."""
    return word.span.part(start, end) if len(word.span) == len(word.text) else word.span


def _piece_text(piece: nodes.Piece) -> str:
    match piece:
        case nodes.DoubleQuoted():
            return "".join(_piece_text(part) for part in piece.parts)
        case nodes.Variable():
            return f"${{{piece.name}}}" if piece.is_braced else f"${piece.name}"
        case _:
            return piece.text
