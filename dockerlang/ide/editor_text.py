"""The text of an editor: its lines, its names, what a file can hold of it, and what changed in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from dockerlang.edits import Edit
from dockerlang.text import LineIndex, Span

_LINE_ENDING = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")


class EditorLines(LineIndex):
    """Lines as editors count them: a lone carriage return ends one too."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        if "\r" in text:
            self._starts = [0, *(ending.end() for ending in _LINE_ENDING.finditer(text))]


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


def difference(old: str, new: str) -> Edit:
    """The one edit that makes `new` of `old`: all but what both begin and end with. Equal texts give an empty one."""
    shortest = min(len(old), len(new))
    before = _longest(shortest, lambda length: old[:length] == new[:length])
    after = _longest(shortest - before, lambda length: old[len(old) - length :] == new[len(new) - length :])
    return Edit(Span(before, len(old) - after), new[before : len(new) - after])


def _longest(limit: int, holds: Callable[[int], bool]) -> int:
    """The greatest length for which `holds`: comparing halves at once beats a look at each character by far."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
