"""Parse trees in our own terms, so that no other module has to know the parser generator."""

from __future__ import annotations

from dockerlang.records import record


@record
class Token:
    """A terminal: its name in the grammar, its text, and its range in the text that was parsed."""

    type: str
    text: str
    start: int
    end: int


@record
class Tree:
    """A rule: its name in the grammar and its children in order."""

    data: str
    children: tuple[Tree | Token, ...]
