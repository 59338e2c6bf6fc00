"""Go's literals: the values of quoted strings, characters and numbers, and strings as literals."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]?))"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"'}


def unquote(literal: str) -> str:
    """The text of `"..."` or `'...'`; ValueError for an escape that Go does not know there."""
    quote = literal[0]

    def replace(match: re.Match[str]) -> str:
        simple, byte, short, long, octal, unknown = match.groups()
        if simple is not None:
            if simple in "'\"" and simple != quote:
                raise ValueError(f"\\{simple} is no escape inside {quote}")
            return _SIMPLE[simple]
        if unknown is not None:
            raise ValueError(f"\\{unknown} is no escape")
        # Bytes above 127 are part of a UTF-8 sequence, which is put together below.
        code = int(byte or octal or short or long, 8 if octal else 16)
        if (byte or octal) and code > 127:
            if code > 255:
                raise ValueError(f"\\{octal} is no byte")
            return chr(0xDC00 + code)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise ValueError(f"{match[0]} is no character")
        return chr(code)

    text = _ESCAPE.sub(replace, literal[1:-1])
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def number(literal: str) -> int | float:
    """The value of a number; ValueError for one that is none, such as `1__2`. A leading 0 means octal, as in Go."""
    digits = literal.lstrip("+-")
    sign = -1 if literal.startswith("-") else 1
    if re.fullmatch("0_?[0-7][0-7_]*", digits):
        return sign * int(f"0o{digits[1:]}", 0)
    if digits[:2].lower() in ("0x", "0o", "0b") or re.fullmatch("[0-9_]+", digits):
        return sign * int(digits, 0)
    return sign * float(digits)


def quote(text: str) -> str:
    """A string as Go's `%q` prints it: printable characters stay, others are escaped."""
    pieces = []
    for character in text:
        if character in '"\\':
            pieces.append("\\" + character)
        elif character in "\a\b\f\n\r\t\v":
            pieces.append("\\" + "abfnrtv"["\a\b\f\n\r\t\v".index(character)])
        elif character.isprintable():
            pieces.append(character)
        elif "\udc80" <= character <= "\udcff":
            pieces.append(f"\\x{ord(character) - 0xDC00:02x}")
        elif character < "\x80":
            pieces.append(f"\\x{ord(character):02x}")
        elif character <= "\uffff":
            pieces.append(f"\\u{ord(character):04x}")
        else:
            pieces.append(f"\\U{ord(character):08x}")
    return '"' + "".join(pieces) + '"'
