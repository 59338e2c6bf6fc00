"""From the protocol's lines and columns to offsets, and its changes applied to a text."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from dockerlang.ide.editor_text import EditorLines, well_formed
from dockerlang.text import Encoding, LineIndex, Position, Span


def offset_of(lines: LineIndex, position: types.Position, encoding: Encoding) -> int:
    """The offset of a position; what is past the end of a line or of the text means that end."""
    return lines.offset(Position(position.line, position.character), encoding)


def span_of(lines: LineIndex, range: types.Range, encoding: Encoding) -> Span:
    """The span of a range; a range that ends before it starts is empty."""
    start = offset_of(lines, range.start, encoding)
    return Span(start, max(start, offset_of(lines, range.end, encoding)))


def apply_changes(text: str, changes: Sequence[types.TextDocumentContentChangeEvent], encoding: Encoding) -> str:
    """The text after the changes, each of which speaks of the text that the one before it made."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            span = span_of(EditorLines(text), change.range, encoding)
            text = text[: span.start] + change.text + text[span.end :]
        else:
            text = change.text
    return well_formed(text)
