"""Globs over slash-separated names, as Go's `path.Match` reads them: docker's `--filter reference=...` uses them.

`*` is any run of characters but `/`, `?` one such character, `[a-z]` and `[^a-z]` a class, `\\` quotes the next one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NoReturn

from dockerlang.errors import InputError


def matches(pattern: str, name: str) -> bool:
    """Whether `pattern` fits the whole of `name`; `InputError` for a malformed pattern."""
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            # A run of stars means one; as many quantifiers in a row would only make the search slow.
            if not pieces or pieces[-1] != "[^/]*":
                pieces.append("[^/]*")
        elif character == "?":
            pieces.append("[^/]")
        elif character == "[":
            piece, at = _class(pattern, at)
            pieces.append(piece)
        elif character == "\\":
            literal, at = _literal(pattern, at - 1)
            pieces.append(re.escape(literal))
        else:
            pieces.append(re.escape(character))
    return re.compile("".join(pieces), re.DOTALL)


def _class(pattern: str, at: int) -> tuple[str, int]:
    """The class whose `[` stands before `at`, as a regular expression, and the offset behind its `]`."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern.startswith("]", at)):
        if at < len(pattern) and pattern[at] in "-]":
            _refuse(pattern)
        low, at = _literal(pattern, at)
        high = low
        if pattern.startswith("-", at):
            if pattern.startswith(("-", "]"), at + 1):
                _refuse(pattern)
            high, at = _literal(pattern, at + 1)
        ranges.append((low, high))
    # Unlike `*` and `?`, a negated class of Go takes `/`. A range that runs backwards holds nothing.
    body = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    if not body:
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{body}]", at + 1


def _literal(pattern: str, at: int) -> tuple[str, int]:
    """One character, which a backslash may quote, and the offset behind it."""
    if pattern.startswith("\\", at):
        at += 1
    if at >= len(pattern):
        _refuse(pattern)
    return pattern[at], at + 1


def _refuse(pattern: str) -> NoReturn:
    raise InputError(f"{pattern!r} is not a pattern: a bracket or a backslash is left open")
