"""How a builder finds out, before it parses, which frontend and which checks a file asks for.

This is laxer than the parser's own directives: a `#!` line may come first, `//` may stand for `#`, and for the frontend
the whole file may be a JSON object. Section 1.4 of the language.
"""

from __future__ import annotations

import json
import re

from dockerlang.records import record
from dockerlang.syntax.scanner import (
    BYTE_ORDER_MARK,
    DIRECTIVE,
    DIRECTIVE_NAMES,
    physical_line,
)

_SLASH_DIRECTIVE = re.compile(DIRECTIVE.pattern.replace("#", "//", 1), re.DOTALL)
_OWN_FRONTEND = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@].*)?")


@record
class DetectedDirective:
    """A directive as a builder detects it.

    `value` is all of it, `reference` the part before the first blank. `line` counts from 1, None inside JSON.
    """

    value: str
    line: int | None

    @property
    def reference(self) -> str:
        """The frontend's image, or the options of the checks."""
        return self.value.partition(" ")[0]

    @property
    def is_own_frontend(self) -> bool:
        """Whether the frontend is the usual one, whose language this package speaks."""
        return _OWN_FRONTEND.fullmatch(self.reference) is not None


def detect_frontend(text: str) -> DetectedDirective | None:
    """What `syntax` asks for; None where the file does not say."""
    body, line = _without_shebang(text)
    found = _detect("syntax", body, line, DIRECTIVE) or _detect("syntax", body, line, _SLASH_DIRECTIVE)
    return found or _detect_json("syntax", body)


def detect_checks(text: str) -> DetectedDirective | None:
    """What `check` asks for; None where the file does not say."""
    body, line = _without_shebang(text)
    return _detect("check", body, line, DIRECTIVE)


def _without_shebang(text: str) -> tuple[str, int]:
    """The text behind a byte order mark and a `#!` line, and the number of its first line."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    return (text.partition("\n")[2], 2) if text.startswith("#!") else (text, 1)


def _detect(name: str, text: str, number: int, form: re.Pattern[str]) -> DetectedDirective | None:
    offset = 0
    while offset < len(text):
        line = physical_line(text, offset)
        match = form.fullmatch(text, line.start, line.end)
        if match is None or match["name"].lower() not in DIRECTIVE_NAMES:
            return None
        if match["name"].lower() == name:
            return DetectedDirective(match["value"], number)
        offset = line.next
        number += 1
    return None


def _detect_json(name: str, text: str) -> DetectedDirective | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = value.get(name)
    return DetectedDirective(found, None) if isinstance(found, str) and found else None
