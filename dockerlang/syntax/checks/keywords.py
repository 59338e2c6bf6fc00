"""What the first word of a line was meant to be where it is no instruction: a slip of the keyboard or of a keyboard's
layout, a missing blank, an instruction of another language.
"""

from __future__ import annotations

import re
import unicodedata

from dockerlang.diagnostics import Fix, Safety
from dockerlang.edits import Edit
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span, nearest

# Letters that look like Latin ones and are none: Cyrillic and Greek.
_LETTERS = str.maketrans("АВСЕНІЈКМОРЅТХУаеорсухіѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABCEHIJKMOPSTXYaeopcyxisABEZHIKMNOPTYX")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"
_ODD_BLANK = re.compile(f"[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{_INVISIBLE}]")
_GLUED = re.compile(r"(?P<keyword>[A-Za-z]+)(?P<rest>[^A-Za-z].*)", re.DOTALL)

# What other tools call what an instruction does.
_MEANT = {
    "BASE": "FROM", "IMAGE": "FROM", "IMPORT": "FROM", "EXEC": "RUN", "INSTALL": "RUN", "SCRIPT": "RUN",
    "COMMAND": "CMD", "START": "CMD", "ENVIRONMENT": "ENV", "VARIABLE": "ENV", "VAR": "ENV", "PARAM": "ARG",
    "PORT": "EXPOSE", "PORTS": "EXPOSE", "AUTHOR": "LABEL", "DIR": "WORKDIR", "CHDIR": "WORKDIR", "CWD": "WORKDIR",
    "MOUNT": "VOLUME", "DOWNLOAD": "ADD", "FETCH": "ADD",
}  # fmt: skip


@record
class Guess:
    """What is wrong with a word, where exactly, what to do, and the instruction that was meant, if one was."""

    span: Span
    message: str
    help: str = ""
    meant: str = ""
    fixes: tuple[Fix, ...] = ()
    is_certain: bool = True


def guess_keyword(line: nodes.Invalid) -> Guess | None:
    """What the keyword of a line was meant to be; None where it is like no instruction."""
    word, span = line.keyword.text, line.keyword.span
    is_exact = len(span) == len(word)  # else it is broken over lines
    return (
        (_odd_blank(word, span) if is_exact else None)
        or _lookalike(word, span)
        or (_glued(word, span) if is_exact else None)
        or _split_in_two(line)
        or _near(word, span)
    )


def _odd_blank(word: str, span: Span) -> Guess | None:
    """A blank that parts no words, or a character that nobody sees, beside an instruction."""
    found = _ODD_BLANK.search(word)
    if found is None:
        return None
    parts = [part for part in _ODD_BLANK.split(word) if part]
    if not parts or parts[0].upper() not in nodes.INSTRUCTIONS:
        return None
    place = span.part(found.start(), found.end())
    is_separator = found.start() > 0 and len(parts) > 1
    message = f"{_described(found[0])} {'after' if found.start() else 'before'} {parts[0]} makes it an unknown word"
    replacement = " " if is_separator else ""
    title = "write an ordinary blank" if is_separator else "remove it"
    return Guess(place, message, title, parts[0].upper(), (Fix(title, (Edit(place, replacement),)),))


def _lookalike(word: str, span: Span) -> Guess | None:
    """An instruction in full-width letters, or with letters of another alphabet."""
    plain = unicodedata.normalize("NFKC", word).translate(_LETTERS)
    if word.isascii() or plain.upper() not in nodes.INSTRUCTIONS:
        return None
    odd = next(character for character in word if not character.isascii())
    message = f"`{word}` only looks like {plain}: {_described(odd)} is no Latin letter"
    title = f"write {plain}"
    return Guess(span, message, title, plain.upper(), (Fix(title, (Edit(span, plain),)),))


def _glued(word: str, span: Span) -> Guess | None:
    """`RUN:`, `CMD["a"]`, `ENV=x`: no blank after the keyword, or something else instead of it."""
    match = _GLUED.fullmatch(word)
    if match is None or match["keyword"].upper() not in nodes.INSTRUCTIONS:
        return None
    keyword, rest = match["keyword"], match["rest"]
    after = span.part(match.end("keyword"), len(word))
    if rest[0] in ":=,;.":
        title = f"remove the `{rest[0]}`" if len(rest) == 1 else f"write a blank in place of `{rest[0]}`"
        edit = Edit(after.part(0, 1), "" if len(rest) == 1 else " ")
        return Guess(
            after.part(0, 1), f"`{rest[0]}` cannot follow {keyword}", title, keyword.upper(), (Fix(title, (edit,)),)
        )
    title = f"write a blank after {keyword}"
    edit = Edit(after.part(0, 0), " ")
    return Guess(span, f"a blank is missing after {keyword}", title, keyword.upper(), (Fix(title, (edit,)),))


def _split_in_two(line: nodes.Invalid) -> Guess | None:
    """`WORK DIR`, `ENTRY POINT`."""
    words = line.text.split(None, 2)[:2]
    joined = "".join(words)
    if len(words) < 2 or joined.upper() not in nodes.INSTRUCTIONS:
        return None
    return Guess(line.keyword.span, f"{joined} is one word", f"write {joined}", joined.upper())


def _near(word: str, span: Span) -> Guess | None:
    suggestion = _MEANT.get(word.upper(), "") or nearest(word.upper(), nodes.INSTRUCTIONS)
    if not suggestion or not word.isalpha():
        return None
    written = suggestion.lower() if word.islower() else suggestion
    fix = Fix(f"change it to {written}", (Edit(span, written),), Safety.UNSAFE)
    message = f"`{word}` is no instruction"
    return Guess(span, message, f"did you mean {written}?", suggestion, (fix,), is_certain=False)


def _described(character: str) -> str:
    name = unicodedata.name(character, "a character without a name").lower()
    return f"U+{ord(character):04X} ({name})"
