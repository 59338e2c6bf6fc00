"""Shell patterns in `${name#pattern}` and its kin: `*` is any run of characters, `?` any one, brackets are literal.

They are turned into regular expressions whose syntax Python and Go share, because the reference does the same and some
of its behaviour (the replacement template, what `.` leaves out) comes from there.
"""

from __future__ import annotations

import re
from functools import lru_cache

_IN_REGEX_SPECIAL = frozenset("[]{}.+()|^$")
_ESCAPABLE = frozenset("*?\\")
_REVERSIBLE = re.compile(r"\\.|.|\\", re.DOTALL)
_TEMPLATE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<name>\w+)|\{(?P<braced>\w+)\})")


class InvalidPattern(ValueError):
    """The pattern holds a backslash that escapes nothing."""


def pattern_to_regex(pattern: str, *, greedy: bool, anchored: bool) -> str:
    """The regular expression of a pattern; `greedy` lets `*` take the longest run, `anchored` binds it to the start.

    A backslash escapes `*`, `?` and itself; before `}` and `/` it only kept them from ending the pattern. Raises
    `InvalidPattern` where it stands before anything else.
    """
    pieces = ["^"] if anchored else []
    characters = iter(enumerate(pattern))
    for index, character in characters:
        following = pattern[index + 1 : index + 2]
        if character == "*":
            pieces.append(".*" if greedy else ".*?")
        elif character == "?":
            pieces.append(".")
        elif character == "\\":
            if following and following in "}/":
                continue
            if following not in _ESCAPABLE:
                raise InvalidPattern(f"the pattern `{pattern}` has an invalid escape `\\{following}`")
            next(characters)
            pieces.append("\\" + following)
        elif character in _IN_REGEX_SPECIAL:
            pieces.append("\\" + character)
        else:
            pieces.append(character)
    return "".join(pieces)


def trim_prefix(pattern: str, value: str, *, greedy: bool) -> str:
    """`value` without the shortest or longest start that the pattern matches; raises `InvalidPattern`."""
    match = _compiled(pattern, greedy=greedy, anchored=True).match(value)
    return value if match is None else value[match.end() :]


def trim_suffix(pattern: str, value: str, *, greedy: bool) -> str:
    """`value` without the shortest or longest end that the pattern matches; raises `InvalidPattern`."""
    # The shortest end cannot be searched for from the left: everything is read backwards.
    return trim_prefix(reverse_pattern(pattern), value[::-1], greedy=greedy)[::-1]


def replace_first(pattern: str, replacement: str, value: str) -> str:
    """`value` with the first longest match replaced by exactly `replacement`; raises `InvalidPattern`."""
    match = _compiled(pattern, greedy=True, anchored=False).search(value)
    return value if match is None else value[: match.start()] + replacement + value[match.end() :]


def replace_all(pattern: str, replacement: str, value: str) -> str:
    """`value` with all longest matches replaced; raises `InvalidPattern`.

    The replacement is a template of Go's regexp package: `$0` is the match, other names are empty, `$$` is a dollar.
    """
    pieces: list[str] = []
    end = 0
    for match in _compiled(pattern, greedy=True, anchored=False).finditer(value):
        # Go passes over an empty match right behind another one.
        if match.end() > end or match.start() == 0:
            pieces += [value[end : match.start()], _filled(replacement, match[0])]
            end = match.end()
    return "".join([*pieces, value[end:]])


def reverse_pattern(pattern: str) -> str:
    """The pattern read backwards, with each escape still before its character: `a\\*c` becomes `c\\*a`."""
    return "".join(reversed(_REVERSIBLE.findall(pattern)))


@lru_cache(maxsize=256)
def _compiled(pattern: str, *, greedy: bool, anchored: bool) -> re.Pattern[str]:
    return re.compile(pattern_to_regex(pattern, greedy=greedy, anchored=anchored))


def _filled(template: str, matched: str) -> str:
    def value(reference: re.Match[str]) -> str:
        if reference["dollar"]:
            return "$"
        return matched if (reference["name"] or reference["braced"]) == "0" else ""

    return _TEMPLATE.sub(value, template)
