"""Which blanks of a shell command mean nothing, read with care: whatever is not surely free counts as text.

This is no parser of shell. It follows quotes, escapes and substitutions, and gives up at the first thing that shells
read differently.
"""

from __future__ import annotations

from enum import Enum

_OPERATORS = ("&&", "||", ";")
_OPERATOR_CHARACTERS = frozenset(";&|<>")


class Place(Enum):
    """What a character of a shell command is: a blank between words, part of a plain word, or in quotes or unsure."""

    FREE_BLANK = "free blank"
    PLAIN = "plain"
    TEXT = "text"


class _Unsure(Exception):
    """Shells disagree about what follows, or it cannot be told without a real parser."""


class _StaysOpen(Exception):
    """A quote has no end, so what came before may have been misread as well."""


def places_of(text: str) -> tuple[Place, ...]:
    """What each character of a command is. Where a quote or substitution stays open, all of it is text."""
    scan = _Scan(text)
    try:
        scan.run()
    except _Unsure:
        return tuple(scan.places)
    except _StaysOpen:
        return (Place.TEXT,) * len(text)
    return tuple(scan.places)


def may_indent(text: str, places: tuple[Place, ...], start: int, length: int) -> bool:
    """Whether the `length` blanks at `start`, where a line of the command begins, may become any other number of
    blanks, one or more."""
    if not all(place is Place.FREE_BLANK for place in places[start : start + length]):
        return False
    if length or (start and places[start - 1] is Place.FREE_BLANK):
        return True
    return _is_at_operator(text, places, start)


def normal_form(text: str) -> str:
    """The command with its free blanks reduced to those that part words: equal for commands that mean the same."""
    places = places_of(text)
    kept: list[str] = []
    index = 0
    while index < len(text):
        end = index
        while end < len(text) and places[end] is Place.FREE_BLANK:
            end += 1
        if end == index:
            kept.append(text[index])
            index += 1
            continue
        is_needless = _touches_operator(text, places, index, end)
        if not is_needless:
            kept.append(" ")
        index = end
    return "".join(kept).strip(" ")


_COMMAND, _SUBSTITUTION, _PARENTHESIS, _BRACES, _QUOTES = "command", "$(", "(", "${", '"'
_CLOSING = {_BRACES: "}", _QUOTES: '"'}


class _Scan:
    """One pass over a command; `contexts` is the stack of what is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = [Place.TEXT] * len(text)
        self.contexts = [_COMMAND]
        self.index = 0

    def run(self) -> None:
        while self.index < len(self.text):
            if self.contexts[-1] in (_QUOTES, _BRACES):
                self._step_inside()
            else:
                self._step()
        if self.contexts != [_COMMAND]:
            raise _StaysOpen

    def _step(self) -> None:
        """One step where commands and words stand."""
        text, index = self.text, self.index
        character = text[index]
        if character == "\\":
            self.index += 2
        elif character in " \t":
            self.places[index] = Place.FREE_BLANK
            self.index += 1
        elif character == "'":
            self._skip_single_quoted()
        elif character == "#" and self._is_at_word_start():
            self._skip_comment()
        elif character == ")":
            if self.contexts[-1] != _COMMAND:  # else it ends a pattern of `case`
                self.contexts.pop()
            self._plain()
        elif character == "(":
            self.contexts.append(_PARENTHESIS)
            self._plain()
        elif not self._opens_substitution():
            if self.contexts[-1] != _COMMAND and text.startswith("case", index) and self._is_at_word_start():
                raise _Unsure  # the `)` of a pattern cannot be told from the end of the substitution
            self._plain()

    def _plain(self) -> None:
        self.places[self.index] = Place.PLAIN
        self.index += 1

    def _step_inside(self) -> None:
        """One step inside double quotes or `${`, where blanks are text."""
        character = self.text[self.index]
        context = self.contexts[-1]
        if character == "\\":
            self.index += 2
        elif character == "'" and context == _BRACES:
            if _QUOTES in self.contexts:
                raise _Unsure  # a quote for some shells, a character for others
            self._skip_single_quoted()
        elif character == _CLOSING[context]:
            self.contexts.pop()
            self.index += 1
        elif not self._opens_substitution():
            self.index += 1

    def _opens_substitution(self) -> bool:
        """Go over whatever opens at the index, in any context; whether there is such a thing."""
        text, index = self.text, self.index
        if text[index] == '"':
            self._open(_QUOTES, 1)
        elif text.startswith("$(", index):
            self._open(_SUBSTITUTION, 2)
        elif text.startswith("${", index):
            self._open(_BRACES, 2)
        elif text.startswith("$'", index) and self.contexts[-1] != _QUOTES:
            self._skip_dollar_quoted()
        elif text[index] == "`":
            self._skip_backticks()
        else:
            return False
        return True

    def _open(self, context: str, length: int) -> None:
        self.contexts.append(context)
        self.index += length

    def _skip_single_quoted(self) -> None:
        self.index = self._find("'", self.index + 1) + 1

    def _skip_dollar_quoted(self) -> None:
        end = self._find("'", self.index + 2)
        if "\\" in self.text[self.index : end]:
            raise _Unsure  # `\'` ends the string for a shell that does not know `$'...'`
        self.index = end + 1

    def _skip_backticks(self) -> None:
        end = self.index + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise _StaysOpen
        self.index = end + 1

    def _skip_comment(self) -> None:
        if self.contexts != [_COMMAND]:
            raise _Unsure  # the comment takes the end of the substitution with it
        for index in range(self.index, len(self.text)):
            is_blank = self.text[index] in " \t"
            self.places[index] = Place.FREE_BLANK if is_blank else Place.TEXT
        self.index = len(self.text)

    def _find(self, character: str, start: int) -> int:
        found = self.text.find(character, start)
        if found < 0:
            raise _StaysOpen
        return found

    def _is_at_word_start(self) -> bool:
        if (
            self.index == 0
            or self.places[self.index - 1] is Place.FREE_BLANK
            or self.text.endswith("$(", 0, self.index)
        ):
            return True
        return self.places[self.index - 1] is Place.PLAIN and self.text[self.index - 1] in ";&|("


def _is_at_operator(text: str, places: tuple[Place, ...], at: int) -> bool:
    """Whether nothing stands between `text[at - 1]` and `text[at]`, and a blank there would part `&&`, `||` or `;` from
    a word."""
    is_between = 0 < at < len(text) and places[at - 1] is Place.PLAIN and places[at] is not Place.FREE_BLANK
    return is_between and _touches_operator(text, places, at, at)


def _touches_operator(text: str, places: tuple[Place, ...], start: int, end: int) -> bool:
    """Whether blanks at `[start, end)` stand beside `&&`, `||` or `;`, where they part nothing that needs parting."""
    if start == 0 or end == len(text):
        return True
    if places[start - 1] is Place.PLAIN and text.endswith(_OPERATORS, 0, start):
        return text[end] not in _OPERATOR_CHARACTERS
    is_before = places[end] is Place.PLAIN and text.startswith(_OPERATORS, end)
    return is_before and text[start - 1] not in _OPERATOR_CHARACTERS
