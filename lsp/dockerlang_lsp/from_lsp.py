"""From the protocol's lines and columns to offsets, and its changes applied to a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from dockerlang.text import Encoding, LineIndex, Position, Span

_LINE_ENDING = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")


class EditorLines(LineIndex):
    """Lines as the protocol counts them: a lone carriage return ends one too."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        if "\r" in text:
            self._starts = [0, *(ending.end() for ending in _LINE_ENDING.finditer(text))]


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


def well_formed(text: str) -> str:
    """The text with halves of surrogate pairs, which JSON can hold and no file, replaced one for one."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def name_of(uri: str) -> str:
    """What messages call the document: its path, or the URI where it is no file."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = unquote(parts.path)
    # `file:///c%3A/x` is a Windows drive, whose path has no slash before the letter.
    return path[1:] if re.match(r"/[a-zA-Z]:", path) else path
