"""Makes the tables of a grammar with Lark; the only module that knows it."""

from __future__ import annotations

import re
from typing import Any

import lark
from lark.lexer import BasicLexer, UnlessCallback
from lark.parsers.lalr_analysis import Shift

from dockerlang.syntax.lalr import Lexer, Rule, Tables

_NOTHING = re.compile("(?!)")


def make_tables(grammar: str, start: str) -> Tables:
    """The tables of a grammar, which is text in Lark's notation, from a start symbol; always the same for the same."""
    made: Any = lark.Lark(grammar, parser="lalr", start=start, maybe_placeholders=False)
    automaton: Any = made.parser.parser._parse_table
    rules = {rule: number for number, rule in enumerate(made.rules)}
    states = _in_order(automaton, automaton.start_states[start])
    lexers: dict[str, int] = {}
    described: list[Lexer] = []
    lexer_of, actions = [], []
    for state in states:
        lexer = _lexer(made.parser.lexer.lexers[state])
        number = lexers.setdefault(repr(lexer), len(described))
        if number == len(described):
            described.append(lexer)
        lexer_of.append(number)
        actions.append(
            {
                name: states[argument] if action is Shift else ~rules[argument]
                for name, (action, argument) in sorted(automaton.states[state].items())
            }
        )
    end = states[automaton.end_states[start]]
    return Tables(0, end, [_rule(rule) for rule in made.rules], described, lexer_of, actions)


def _in_order(automaton: Any, start: int) -> dict[int, int]:
    """New numbers for the states, in the order in which they are reached: Lark's own differ from run to run."""
    numbers, waiting = {start: 0}, [start]
    for state in waiting:
        for _, (action, argument) in sorted(automaton.states[state].items()):
            if action is Shift and argument not in numbers:
                numbers[argument] = len(numbers)
                waiting.append(argument)
    return numbers


def _rule(rule: Any) -> Rule:
    symbols = rule.expansion
    options = rule.options
    kept = [
        (position, not symbol.is_term and symbol.name.startswith("_"))
        for position, symbol in enumerate(symbols)
        if options.keep_all_tokens or not (symbol.is_term and symbol.filter_out)
    ]
    name = rule.alias or options.template_source or rule.origin.name
    is_all = len(kept) == len(symbols) and not any(is_list for _, is_list in kept)
    return Rule(
        symbol=rule.origin.name,
        length=len(symbols),
        name=None if str(name).startswith("_") else str(name),
        kept=None if is_all else kept,
        is_transparent=bool(options.expand1 and not rule.alias),
    )


def _lexer(lexer: BasicLexer) -> Lexer:
    scanner: Any = lexer.scanner
    # After what can only be the end nothing may come.
    (pattern,) = scanner._mres or [_NOTHING]
    reserved: dict[str, dict[str, str]] = {}
    for kind, callback in sorted(lexer.callback.items()):
        assert isinstance(callback, UnlessCallback), "a callback of another kind"
        reserved[kind] = {terminal.pattern.value: terminal.name for terminal in callback.scanner.terminals}
    return Lexer(pattern.pattern, pattern.flags & ~32, sorted(lexer.ignore_types), reserved)
