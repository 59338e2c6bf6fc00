"""What can be chosen about the style."""

from __future__ import annotations

from enum import Enum

from dockerlang.records import record

MAXIMUM_INDENT = 16


class KeywordCase(Enum):
    """How keywords are written: instructions, `AS`, and the `CMD` or `NONE` of HEALTHCHECK."""

    UPPER = "upper"
    LOWER = "lower"
    PRESERVE = "preserve"

    def apply(self, keyword: str) -> str:
        """`keyword` in this case."""
        match self:
            case KeywordCase.UPPER:
                return keyword.upper()
            case KeywordCase.LOWER:
                return keyword.lower()
            case KeywordCase.PRESERVE:
                return keyword


@record
class Options:
    """The style. `indent` is the width of a continuation line's indentation in columns, 1 to `MAXIMUM_INDENT`.

    `does_use_tabs` writes that indentation as tabs, one for each `indent` columns. `does_keep_shell` leaves the lines
    of shell commands where they are, for people who align them by hand or do not want a build's cache to miss once.
    """

    keyword_case: KeywordCase = KeywordCase.UPPER
    indent: int = 4
    does_use_tabs: bool = False
    does_keep_shell: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.indent <= MAXIMUM_INDENT:
            raise ValueError(f"an indentation is 1 to {MAXIMUM_INDENT} columns wide, not {self.indent}")

    def blanks(self, columns: int) -> str:
        """The whitespace that fills `columns` columns."""
        if self.does_use_tabs:
            return "\t" * (columns // self.indent) + " " * (columns % self.indent)
        return " " * columns

    def columns(self, blanks: str) -> int:
        """How many columns a line's leading whitespace fills; a tab goes to the next multiple of `indent`."""
        return len(blanks.expandtabs(self.indent))
