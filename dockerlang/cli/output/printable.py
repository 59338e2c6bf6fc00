"""Text from files as it may be shown: nothing in it steers a terminal, and all of it can be written."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with a stand-in for every control character (tabs become blanks) and every byte that is no UTF-8."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if character == "\t" else printable_character(character) for character in text)


def printable_character(character: str) -> str:
    """The character, or its stand-in."""
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f" or "\x80" <= character <= "\x9f" or "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return character
