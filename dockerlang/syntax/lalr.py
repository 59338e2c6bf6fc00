"""Parses with the tables of a grammar: an LALR(1) automaton whose lexer knows, in every state, what may come next.

The tables are Lark's (`syntax/lark_tables.py`), and a text gives the tree that Lark would give. To drive them here
means that Lark is not needed where the tables are there already: to import it takes longer than to read a Dockerfile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from dockerlang.syntax.tokens import Token, Tree

END = "$END"
"""The terminal that stands for the end of the text."""
MAXIMUM_DEPTH = 100
"""How deep a tree may be. `${A:-${B:-...}}` takes two levels a variable; whatever walks a tree calls itself there."""

Value: TypeAlias = "Token | Tree | list[Token | Tree]"
"""What stands for a symbol on the stack; a list for one that has no node of its own."""


class GrammarError(Exception):
    """The text does not fit the start symbol; `offset` is where the parser could not go on, `expected` what it knew."""

    def __init__(self, offset: int, expected: frozenset[str]) -> None:
        super().__init__(f"no parse at offset {offset}")
        self.offset = offset
        self.expected = expected


class NestingError(GrammarError):
    """The text fits, but its tree would be deeper than `MAXIMUM_DEPTH`."""


class Rule(NamedTuple):
    """A rule of the grammar: the symbol it makes, of how many others, and what becomes of them.

    `name` is that of the tree's node, None where the children go to the node above. `kept` are the positions of the
    children that stay (all where it is None), each with whether it is a list of children itself. With `is_transparent`
    an only child stands for the node.
    """

    symbol: str
    length: int
    name: str | None
    kept: Sequence[tuple[int, bool]] | None
    is_transparent: bool


class Lexer(NamedTuple):
    """What may come in a state: a pattern with a group for each terminal, those to be skipped, and reserved words.

    `reserved` gives for a terminal the texts that are other terminals.
    """

    pattern: str
    flags: int
    ignored: Sequence[str]
    reserved: Mapping[str, Mapping[str, str]]


class Tables(NamedTuple):
    """A grammar from one start symbol.

    `actions` has for each state and symbol the next state, or, inverted (~), the number of the rule to be applied.
    """

    start: int
    end: int
    rules: Sequence[Rule]
    lexers: Sequence[Lexer]
    lexer_of: Sequence[int]
    actions: Sequence[Mapping[str, int]]


class Parser:
    """Parses texts from one start symbol; the patterns of its lexer are compiled when they are first needed."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._patterns: list[re.Pattern[str] | None] = [None] * len(tables.lexers)

    def parse(self, text: str) -> Tree:
        """The tree of the whole text. Raises `GrammarError`."""
        run = _Run(self._tables)
        position = self._feed(run, text)
        if position < len(text):
            raise GrammarError(position, self._allowed(run.states[-1]))
        run.feed(END, None, len(text))
        return run.tree()

    def complete(self, text: str, completions: Sequence[str]) -> tuple[Tree, int]:
        """The tree as if what is missing were there, and where the text ends or can no longer be read.

        Missing tokens are empty and stand at that end: of the `completions` the first that may come. Raises
        `NestingError`.
        """
        run = _Run(self._tables)
        end = self._feed(run, text)
        for _ in range(2 * MAXIMUM_DEPTH):
            if run.accepts(END):
                run.feed(END, None, end)
                return run.tree(), end
            missing = next(name for name in completions if run.accepts(name))
            run.feed(missing, Token(missing, "", end, end), end)
        raise NestingError(end, frozenset())

    def _feed(self, run: _Run, text: str) -> int:
        """Read tokens as long as there are any; where that ends."""
        tables, patterns, length = self._tables, self._patterns, len(text)
        position = 0
        while position < length:
            number = tables.lexer_of[run.states[-1]]
            pattern, lexer = patterns[number], tables.lexers[number]
            if pattern is None:
                pattern = patterns[number] = re.compile(lexer.pattern, lexer.flags)
            match = pattern.match(text, position)
            if match is None:
                return position
            kind, start, position = match.lastgroup or "", position, match.end()
            if kind in lexer.ignored:
                continue
            found = match.group()
            if kind in lexer.reserved:
                kind = lexer.reserved[kind].get(found, kind)
            run.feed(kind, Token(kind, found, start, position), start)
        return position

    def _allowed(self, state: int) -> frozenset[str]:
        tables = self._tables
        lexer = tables.lexers[tables.lexer_of[state]]
        return frozenset(re.compile(lexer.pattern, lexer.flags).groupindex).difference(lexer.ignored)


class _Run:
    """The automaton at work on one text."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.states = [tables.start]
        self._values: list[Value] = []

    def feed(self, kind: str, token: Token | None, offset: int) -> None:
        """Go on with a terminal. Raises `GrammarError` where it may not come."""
        actions, rules, states, values = self._tables.actions, self._tables.rules, self.states, self._values
        while True:
            row = actions[states[-1]]
            action = row.get(kind)
            if action is None:
                raise GrammarError(offset, frozenset(name for name in row if name.isupper()))
            if action >= 0:
                assert token is not None
                states.append(action)
                values.append(token)
                return
            rule = rules[~action]
            length = rule.length
            value = _value(rule, values[-length:] if length else [])
            if length:
                del states[-length:]
                del values[-length:]
            states.append(actions[states[-1]][rule.symbol])
            values.append(value)
            if token is None and states[-1] == self._tables.end:
                return

    def accepts(self, kind: str) -> bool:
        """Whether the terminal may come next."""
        actions, rules, states = self._tables.actions, self._tables.rules, list(self.states)
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                return True
            rule = rules[~action]
            if rule.length:
                del states[-rule.length :]
            states.append(actions[states[-1]][rule.symbol])
            if kind == END and states[-1] == self._tables.end:
                return True

    def tree(self) -> Tree:
        """The tree, once the end was fed. Raises `NestingError`."""
        tree = self._values[-1]
        assert isinstance(tree, Tree)
        _check_depth(tree, 0)
        return tree


def _value(rule: Rule, parts: list[Value]) -> Value:
    if rule.kept is None:
        children: list[Token | Tree] = parts  # type: ignore[assignment]
    else:
        children = []
        for position, is_list in rule.kept:
            part = parts[position]
            if is_list:
                children += part  # type: ignore[arg-type]
            else:
                children.append(part)  # type: ignore[arg-type]
    if rule.name is None:
        return children
    if rule.is_transparent and len(children) == 1:
        return children[0]
    return Tree(rule.name, tuple(children))


def _check_depth(tree: Tree, depth: int) -> None:
    if depth > MAXIMUM_DEPTH:
        raise NestingError(0, frozenset())
    for child in tree.children:
        if isinstance(child, Tree):
            _check_depth(child, depth + 1)
