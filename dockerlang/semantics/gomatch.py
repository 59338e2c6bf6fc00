"""Wildcards in the sources of COPY and ADD: Go's `filepath.Match` on slash-separated paths.

`*` is any run within a component, `?` one character, `[a-z]` and `[^a-z]` a class, a backslash makes the next character
literal. `**` means no more than `*`.
"""

from __future__ import annotations

import posixpath

from dockerlang.errors import InputError
from dockerlang.oci import pattern

_WILDCARDS = frozenset("*?[")


class InvalidGoPattern(ValueError):
    """The pattern has an open bracket, an empty class or a backslash at its end."""


def match_path(text: str, path: str) -> bool:
    """Whether the pattern fits the whole path. Raises `InvalidGoPattern`, also where the path would not fit anyway."""
    try:
        return pattern.matches(text, path)
    except InputError:
        raise InvalidGoPattern(f"`{text}` is not a pattern: a bracket or a backslash is left open") from None


def has_wildcard(text: str) -> bool:
    """Whether a path is taken for a pattern."""
    return not _WILDCARDS.isdisjoint(text)


def clean_path(path: str) -> str:
    """Go's `path.Clean`: no doubled or final slashes, no `.`, each `..` resolved; `.` for an empty path."""
    cleaned = posixpath.normpath(path)
    # POSIX lets two leading slashes stand, Go does not.
    return cleaned[1:] if cleaned.startswith("//") else cleaned
