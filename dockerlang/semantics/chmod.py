"""Modes as `--chmod` takes them: octal, or symbolic as in chmod(1), with a umask of 0.

`X` is the right to execute for directories and for files of which anybody has it already, with each of the operators
(POSIX.1-2024).
"""

from __future__ import annotations

import re

from dockerlang.records import record

_SET_UID, _SET_GID, _STICKY = 0o4000, 0o2000, 0o1000
_ALL = 0o777
_EXECUTE = 0o111
_CLASSES = {"u": _SET_UID | 0o700, "g": _SET_GID | 0o070, "o": 0o007, "a": _SET_UID | _SET_GID | _ALL}
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_RIGHTS = {"r": 0o444, "w": 0o222, "x": _EXECUTE, "s": _SET_UID | _SET_GID, "t": _STICKY}
_CLAUSE = re.compile(r"(?P<who>[ugoa]*)(?P<actions>(?:[-+=][rwxXstugo]*)+)")
_ACTION = re.compile(r"([-+=])([rwxXstugo]*)")


class InvalidMode(ValueError):
    """The text is no mode."""


@record
class ModeStep:
    """One operator of a symbolic mode, acting on the bits of `who`.

    `rights` are bits, `executes_if` asks for `X`, `copied` are the classes (`u`, `g`, `o`) whose rights are taken.
    """

    operator: str
    who: int
    rights: int
    executes_if: bool
    copied: str

    def apply(self, mode: int, original: int, *, is_directory: bool) -> int:
        """The mode after this step; `original` is the one before the first."""
        rights = self.rights
        if self.executes_if and (is_directory or original & _EXECUTE):
            rights |= _EXECUTE
        for name in self.copied:
            rights |= (mode >> _SHIFTS[name] & 0o7) * 0o111
        selected = rights & self.who
        match self.operator:
            case "+":
                return mode | selected
            case "-":
                return mode & ~selected
            case _:
                # A copy replaces the rights only; set-uid and set-gid stay.
                cleared = self.who & _ALL if self.copied else self.who
                return mode & ~cleared | selected


@record
class ModeChange:
    """What `--chmod` does to a mode: `absolute` replaces it, else the steps change it."""

    absolute: int | None = None
    steps: tuple[ModeStep, ...] = ()

    def apply(self, mode: int, *, is_directory: bool) -> int:
        """The mode (permission bits, set-uid, set-gid and sticky) that a file or directory gets."""
        if self.absolute is not None:
            return self.absolute
        changed = mode
        for step in self.steps:
            changed = step.apply(changed, mode, is_directory=is_directory)
        return changed


def parse_mode(text: str) -> ModeChange:
    """The change that a mode asks for: `755`, `u=rwX,go=rX`, `+x`, `g=u`. Raises `InvalidMode`."""
    if text[:1].isdigit():
        if not re.fullmatch("[0-7]+", text) or int(text, 8) > 0o7777:
            raise InvalidMode(f"`{text}` is no mode: it is octal, from 0 to 07777")
        return ModeChange(absolute=int(text, 8))
    steps: list[ModeStep] = []
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise InvalidMode(f"`{text}` is no mode")
        who = 0
        for name in match["who"]:
            who |= _CLASSES[name]
        steps.extend(_step(who, operator, letters) for operator, letters in _ACTION.findall(match["actions"]))
    return ModeChange(steps=tuple(steps))


def _step(who: int, operator: str, letters: str) -> ModeStep:
    rights = 0
    for letter in letters:
        rights |= _RIGHTS.get(letter, 0)
    if who and not who & ~0o007:
        # For others alone there is neither set-id nor sticky.
        rights &= _ALL
    affected = who or _CLASSES["a"]
    copied = "".join(letter for letter in letters if letter in _SHIFTS)
    return ModeStep(operator, affected | rights & _STICKY, rights, "X" in letters, copied)
