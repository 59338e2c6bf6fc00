"""Parses lines, words and templates by the grammars of `grammar/`.

Each start symbol has a parser of its own, made when a file first needs it: in one parser for all of them LALR would
merge states of different instructions, and the lexer would accept the terminals of one in another. The same holds for
the two escape characters.
"""

from __future__ import annotations

from functools import cache, lru_cache

from dockerlang.syntax.lalr import GrammarError, NestingError, Parser
from dockerlang.syntax.tables import BACKSLASH, tables_of
from dockerlang.syntax.tokens import Tree

__all__ = ["GrammarError", "NestingError", "complete_word", "parse_line", "parse_template_tree", "parse_word"]

# What ends something unfinished. A quote comes late, since it may also begin where something else can end.
_COMPLETIONS = ("CLOSE", "SLASH", "QUOTE", "NAME")


@lru_cache(maxsize=4096)
def parse_line(start: str, text: str, escape: str) -> Tree:
    """The tree of one joined line (or of a flag's value, or an array) from `start`; raises `GrammarError`.

    The tree may have the name of another start symbol whose rule is the same.
    """
    return _parser("dockerfile.lark", start, escape).parse(text)


@lru_cache(maxsize=4096)
def parse_word(start: str, text: str, escape: str) -> Tree:
    """The tree of a word or of a heredoc's body; raises `GrammarError`."""
    return _parser("words.lark", start, escape).parse(text)


def complete_word(start: str, text: str, escape: str) -> tuple[Tree, int]:
    """The tree of a word that `parse_word` refuses, as if what is missing at its end were there, and where it ends.

    Missing tokens are empty and stand at that end: where the text ends, or where the first character is that cannot be
    read. Raises `NestingError`.
    """
    return _parser("words.lark", start, escape).complete(text, _COMPLETIONS)


def parse_template_tree(text: str) -> Tree:
    """The tree of a Go template; raises `GrammarError`."""
    return _parser("template.lark", "template", BACKSLASH).parse(text)


@cache
def _parser(grammar: str, start: str, escape: str) -> Parser:
    return Parser(tables_of(grammar, start, escape))
