"""One pattern of `.dockerignore` (or of `--exclude`), made ready to match.

`*` and `?` stay within a component, `**` crosses them; `[...]` is a class and a backslash makes the next character
literal. Section 3 of the language.
"""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum

from dockerlang.errors import InputError
from dockerlang.records import record
from dockerlang.semantics.gomatch import InvalidGoPattern, clean_path, match_path
from dockerlang.syntax.scanner import UNICODE_BLANKS

_CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]", re.DOTALL)
_CLASS_ITEM = re.compile(r"(?:\\(.)|(.))(-(?:\\(.)|(.)))?", re.DOTALL)


class PatternKind(Enum):
    """How a pattern is compared; all but the last need no regular expression."""

    EXACT = "exact"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    REGEX = "regex"


class InvalidIgnorePattern(InputError):
    """A pattern that cannot be: a lone `!`, or a malformed class."""


@record
class CompiledPattern:
    """A pattern in its tidied form. `is_exception` (`!`) brings back what it matches.

    `regex` is the regular expression as text, empty where the kind needs none. `literal` is what is compared else.
    """

    text: str
    is_exception: bool
    kind: PatternKind
    literal: str = ""
    regex: str = ""
    _compiled: re.Pattern[str] | None = field(default=None, compare=False, repr=False)

    def matches(self, path: str) -> bool:
        """Whether the pattern fits this very path; its parents are not looked at."""
        match self.kind:
            case PatternKind.EXACT:
                return path == self.literal
            case PatternKind.PREFIX:
                return path.startswith(self.literal)
            case PatternKind.SUFFIX:
                # `**/name` is also `name` at the top.
                return path.endswith(self.literal) or self.literal == "/" + path
            case PatternKind.REGEX:
                assert self._compiled is not None
                return self._compiled.fullmatch(path) is not None

    def may_match_below(self, directory: str) -> bool:
        """Whether something below `directory`, which the pattern does not match itself, could fit it."""
        match self.kind:
            case PatternKind.EXACT:
                return self.literal.startswith(directory + "/")
            case PatternKind.PREFIX:
                below = directory + "/"
                return self.literal.startswith(below) or below.startswith(self.literal)
            case PatternKind.SUFFIX:
                return True
            case PatternKind.REGEX:
                return self._components_allow(directory.split("/"))

    def _components_allow(self, names: list[str]) -> bool:
        if "[" in self.text or "\\" in self.text:  # a class can take a slash, and an escape can stand before one
            return True
        components = self.text.split("/")
        if not any("**" in component for component in components) and len(components) <= len(names):
            return False
        for component, name in zip(components, names, strict=False):
            if "**" in component:
                return True
            if not match_path(component, name):
                return False
        return True


def compile_pattern(written: str) -> CompiledPattern | None:
    """A pattern as it is written, made ready; None for a blank one. Raises `InvalidIgnorePattern`."""
    text = written.strip(UNICODE_BLANKS)
    if not text:
        return None
    text = clean_path(text)
    is_exception = text.startswith("!")
    if is_exception:
        text = text[1:]
        if not text:
            raise InvalidIgnorePattern("a lone `!` is no pattern", hint="put a path after it, or remove the line")
    try:
        match_path(text, ".")
        kind, literal, regex = _translate(text)
        compiled = re.compile(regex[1:-1]) if regex else None
    except (InvalidGoPattern, re.error):
        raise InvalidIgnorePattern(
            f"`{written}` is no pattern", hint="a `[` or `\\` is a character of its own only behind a backslash"
        ) from None
    return CompiledPattern(text, is_exception, kind, literal, regex, compiled)


def _translate(pattern: str) -> tuple[PatternKind, str, str]:
    """The kind of a pattern, the text to compare, and the regular expression."""
    pieces: list[str] = []
    kind = PatternKind.EXACT
    literal = pattern
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if pattern.startswith("**", index):
            is_first = index == 0
            index += 2
            if pattern.startswith("/", index):
                index += 1
            if index == len(pattern):
                kind = PatternKind.PREFIX if kind is PatternKind.EXACT else PatternKind.REGEX
                literal = pattern[:-2]
                pieces.append(".*")
            else:
                kind = PatternKind.REGEX
                pieces.append("(.*/)?")
            if is_first:
                # It stays so only if nothing but literal characters follows.
                kind, literal = PatternKind.SUFFIX, pattern[2:]
            continue
        if character == "[":
            text, index = _class(pattern, index)
            kind = PatternKind.REGEX
            pieces.append(text)
            continue
        index += 1
        if character == "*":
            kind = PatternKind.REGEX
            pieces.append("[^/]*")
        elif character == "?":
            kind = PatternKind.REGEX
            pieces.append("[^/]")
        elif character == "\\":
            kind = PatternKind.REGEX
            pieces.append(re.escape(pattern[index]))
            index += 1
        else:
            if character == "]":
                kind = PatternKind.REGEX
            pieces.append("\\" + character if character in ".+()|{}$^]" else character)
    if kind is not PatternKind.REGEX:
        return kind, literal, ""
    return kind, "", f"^{''.join(pieces)}$"


def _class(pattern: str, index: int) -> tuple[str, int]:
    """The class that opens at `index`, as a regular expression, and where the pattern goes on."""
    match = _CLASS.match(pattern, index)
    assert match is not None, "Go's rules were checked before"
    items = (_class_item(item) for item in _CLASS_ITEM.finditer(match[2]))
    return f"[{match[1]}{''.join(items)}]", match.end()


def _class_item(item: re.Match[str]) -> str:
    low, high = item[1] or item[2], item[4] or item[5]
    return _in_class(low) if item[3] is None else f"{_in_class(low)}-{_in_class(high)}"


def _in_class(character: str) -> str:
    return "\\" + character if character in "[]\\^-&|~" else character
