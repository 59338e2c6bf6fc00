"""Loads the grammars of `grammar/` and parses with them; the only module that knows lark.

Each start symbol has a parser of its own, made when a file first needs it: in one parser for all of them LALR would
merge states of different instructions, and the lexer would accept the terminals of one in another. The same holds for
the two escape characters. Lark's tables are cached in the user's cache directory (`$XDG_CACHE_HOME/dockerlang`), keyed
by the grammar's text; from there a parser takes a quarter of a millisecond to three.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from functools import cache, lru_cache
from pathlib import Path

import lark

from dockerlang import __version__
from dockerlang.syntax.tokens import Token, Tree

# How deep a tree may be; `${A:-${B:-...}}` takes two levels a variable, and whatever walks a tree calls itself there.
MAXIMUM_DEPTH = 100


class GrammarError(Exception):
    """The text does not fit the start symbol; `offset` is where the parser could not go on, `expected` what it knew."""

    def __init__(self, offset: int, expected: frozenset[str]) -> None:
        super().__init__(f"no parse at offset {offset}")
        self.offset = offset
        self.expected = expected


class NestingError(GrammarError):
    """The text fits, but its tree would be deeper than `MAXIMUM_DEPTH`."""


def grammar_directory() -> Path:
    """Where the `.lark` files are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "grammar"
    return installed if installed.is_dir() else package.parent / "grammar"


@lru_cache(maxsize=4096)
def parse_line(start: str, text: str, escape: str) -> Tree:
    """The tree of one joined line (or of a flag's value, or an array) from `start`; raises `GrammarError`.

    The tree may have the name of another start symbol whose rule is the same.
    """
    return _parse(_parser("dockerfile.lark", _alike(start), escape), text)


@lru_cache(maxsize=4096)
def parse_word(start: str, text: str, escape: str) -> Tree:
    """The tree of a word or of a heredoc's body; raises `GrammarError`."""
    return _parse(_parser("words.lark", start, escape), text)


def complete_word(start: str, text: str, escape: str) -> tuple[Tree, int]:
    """The tree of a word that `parse_word` refuses, as if what is missing at its end were there, and where it ends.

    Missing tokens are empty and stand at that end: where the text ends, or where the first character is that cannot be
    read. Raises `NestingError`.
    """
    parser = _parser("words.lark", start, escape)
    state = parser.parse_interactive(text)
    end = len(text)
    try:
        state.exhaust_lexer()
    except lark.UnexpectedInput as error:
        end = error.pos_in_stream if error.pos_in_stream is not None else 0
    for _ in range(2 * MAXIMUM_DEPTH):
        expected: set[str] = state.accepts()  # type: ignore[no-untyped-call]
        if "$END" in expected:
            return _own_tree(state.feed_eof()), end  # type: ignore[no-untyped-call]
        missing = next(name for name in _COMPLETIONS if name in expected)
        state.feed_token(lark.Token(missing, "", start_pos=end))
    raise NestingError(end, frozenset())


# What ends something unfinished. A quote comes late, since it may also begin where something else can end.
_COMPLETIONS = ("CLOSE", "SLASH", "QUOTE", "NAME")


def parse_template_tree(text: str) -> Tree:
    """The tree of a Go template; raises `GrammarError`."""
    return _parse(_parser("template.lark", "template", "\\"), text)


def _parse(parser: lark.Lark, text: str) -> Tree:
    try:
        return _own_tree(parser.parse(text))
    except lark.UnexpectedInput as error:
        token = getattr(error, "token", None)
        at_end = token is not None and token.type == "$END"
        offset = len(text) if at_end or error.pos_in_stream is None else error.pos_in_stream
        expected = getattr(error, "expected", None) or getattr(error, "allowed", None) or ()
        raise GrammarError(offset, frozenset(expected)) from None


def _own_tree(tree: lark.Tree[lark.Token], depth: int = 0) -> Tree:
    if depth > MAXIMUM_DEPTH:
        raise NestingError(0, frozenset())
    children = tuple(
        _own_tree(child, depth + 1) if isinstance(child, lark.Tree) else Token(child.type, str(child), *_range(child))
        for child in tree.children
    )
    return Tree(str(tree.data), children)


def _range(token: lark.Token) -> tuple[int, int]:
    start = token.start_pos or 0
    return start, start + len(token)


@cache
def _parser(name: str, start: str, escape: str) -> lark.Lark:
    text = _grammar(name, escape)
    cache_file = _cache_file(f"{start}\n{text}")
    return lark.Lark(text, parser="lalr", start=start, maybe_placeholders=False, cache=cache_file or False)


@cache
def _alike(start: str) -> str:
    """The first start symbol of `dockerfile.lark` with the same rule: RUN and CMD need one parser, not two."""
    rules = dict(re.findall(r"^(\w+): +(.+)$", _grammar("dockerfile.lark", "\\"), re.MULTILINE))
    return next((name for name, rule in rules.items() if rule == rules.get(start)), start)


@cache
def _grammar(name: str, escape: str) -> str:
    text = (grammar_directory() / name).read_text(encoding="utf-8")
    return text if escape == "\\" else text.replace("\\\\", escape)


def _cache_file(content: str) -> str:
    """Where Lark may keep the tables made from `content`; empty where there is no directory that only we can write to.

    The cache is unpickled, so whoever can write there can run code as us: a directory of another user, or one that
    others may write to, is not used.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = Path(home) / "dockerlang"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.stat()
    except OSError:
        return ""
    is_ours = status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not is_ours or not os.access(directory, os.W_OK):
        return ""
    key = hashlib.sha256(f"{__version__}\n{content}".encode()).hexdigest()[:16]
    return str(directory / f"grammar-{key}.lark")
