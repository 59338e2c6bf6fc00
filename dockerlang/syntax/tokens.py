"""Parse trees in our own terms, so that no other module has to know the parser generator."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal: its name in the grammar, its text, and its range in the text that was parsed."""

    type: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tree:
    """A rule: its name in the grammar and its children in order."""

    data: str
    children: tuple[Tree | Token, ...]
