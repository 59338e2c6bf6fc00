"""Why a text that begins like a JSON array is none, and at which of its characters that shows.

Places are offsets into the joined text; whoever asks knows the way back to the source.
"""

from __future__ import annotations

import json
import re

from dockerlang.records import record
from dockerlang.syntax.scanner import BLANKS

# What word processors and input methods make of quotes, commas, brackets and blanks.
LOOKALIKES = {
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\uff02": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2018": "'", "\u2019": "'", "\uff07": "'", "\u300c": '"', "\u300d": '"', "\u2033": '"', "\u2032": "'",
    "\uff0c": ",", "\u3001": ",", "\uff1d": "=", "\uff04": "$", "\u00a0": " ", "\u3000": " ",
    "\uff3b": "[", "\uff3d": "]", "\u3010": "[", "\u3011": "]", "\u2013": "-", "\u2014": "--", "\u2212": "-",
}  # fmt: skip
LOOKALIKE = re.compile("[" + "".join(LOOKALIKES) + "]")

_COMMENT = re.compile(r"[\t ]*#")
_DECODER = json.JSONDecoder()


@record
class Flaw:
    """The characters `[start, end)` that make a text no array, why, and what to do."""

    start: int
    end: int
    reason: str
    help: str


def flaw_of(text: str) -> Flaw | None:
    """The first reason why a text is no JSON array; None if it is one."""
    text = text.rstrip(BLANKS)
    try:
        json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return _explain(text, error)
    except (ValueError, RecursionError):
        return Flaw(0, len(text), "its elements are no strings", "put every element in double quotes")
    return None


def odd_element(text: str) -> tuple[int, int] | None:
    """Where the first element that is no string stands in a text that is a JSON array; None where there is none."""
    text = text.rstrip(BLANKS)
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or all(isinstance(element, str) for element in value):
        return None
    at = 1
    while True:
        while text[at] in "\t\n\r ,":
            at += 1
        element, end = _DECODER.raw_decode(text, at)
        if not isinstance(element, str):
            return at, end
        at = end


def _refuse(constant: str) -> None:
    """Python reads `NaN` and `Infinity`, which are no JSON."""
    raise ValueError(constant)


def _explain(text: str, error: json.JSONDecodeError) -> Flaw:
    lookalike = LOOKALIKE.search(text)
    if lookalike is not None and LOOKALIKES[lookalike[0]] in '",[]' and lookalike.start() <= error.pos + 1:
        meant = LOOKALIKES[lookalike[0]]
        return Flaw(lookalike.start(), lookalike.end(), f"`{lookalike[0]}` is not `{meant}`", f"write `{meant}`")
    at = min(error.pos, len(text))
    if error.msg.startswith("Extra data"):
        if _COMMENT.match(text, at):
            return Flaw(at, len(text), "a comment follows it", "put the comment on a line of its own")
        return Flaw(at, len(text), "something follows its closing bracket", "an array takes the whole rest of the line")
    if error.msg.startswith("Unterminated string"):
        return Flaw(at, len(text), "the closing double quote is missing", "close the string")
    if error.msg.startswith("Invalid \\"):
        at = min(at, len(text) - 1)
        return Flaw(at, at + 2, f"`{text[at : at + 2]}` is no escape of JSON", "write a backslash twice: `\\\\`")
    if error.msg.startswith("Invalid control"):
        return Flaw(at, at + 1, "a control character stands in a string", "write it as an escape: `\\t`")
    return _unexpected(text, at)


def _unexpected(text: str, at: int) -> Flaw:
    """What the reader of JSON stumbled over, which differs a little from one Python to the next."""
    while at < len(text) and text[at] in "\t ":
        at += 1
    if at >= len(text):
        return Flaw(max(len(text) - 1, 0), len(text), "its closing bracket is missing", "write `]` at its end")
    rest = text[at:].lstrip("\t ,")
    before = text[:at].rstrip("\t ")
    if rest == "]" and (text[at] == "," or before.endswith(",")):
        comma = text.rfind(",", 0, at + 1)
        return Flaw(comma, comma + 1, "there is a comma before the closing bracket", "remove that comma")
    if text[at] == "'":
        end = text.find("'", at + 1)
        return Flaw(at, end + 1 if end > 0 else at + 1, "a string is in single quotes", "JSON has double quotes only")
    if text[at] == '"' and before.endswith('"'):
        return Flaw(at, at + 1, "there is no comma between two strings", "write `, `")
    match = re.compile(r"[^\s,\]]+|.").match(text, at)
    end = at + 1 if match is None else match.end()
    if before.endswith(("[", ",")):
        return Flaw(at, end, f"`{text[at:end]}` is not in double quotes", f'write `"{text[at:end]}"`')
    return Flaw(at, end, f"`{text[at:end]}` stands where a comma should be", 'write `["executable", "argument"]`')
