"""Text and the columns that it takes on a terminal."""

from __future__ import annotations

import re
import unicodedata

from dockerlang.cli.output.printable import printable

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def plain_text(text: str) -> str:
    """The text without what steers a terminal: colours and movements go, other control characters get a stand-in."""
    return printable(_ESCAPE.sub("", text))


def text_width(text: str) -> int:
    """How many columns the text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def fitted(text: str, width: int) -> str:
    """The text, cut to `width` columns; an ellipsis says that something is missing."""
    if text_width(text) <= width:
        return text
    kept, room = [], width - 1
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
