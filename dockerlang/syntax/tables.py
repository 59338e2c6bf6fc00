"""The file of parser tables, `grammar/tables.jsonl`, that is made from the grammars beside it (`make grammar`).

Its first line says of which grammars' text the tables were made, and in which line those of a start symbol are. A
grammar whose text has changed since is compiled anew, with Lark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from dockerlang.syntax.lalr import Lexer, Rule, Tables

FILE_NAME = "tables.jsonl"
BACKSLASH, BACKTICK = "\\", "`"
START_SYMBOLS = {
    "dockerfile.lark": None,  # all rules without an underscore that no other rule uses
    "words.lark": ("word", "body"),
    "template.lark": ("template",),
}


def grammar_directory() -> Path:
    """Where the `.lark` files are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "grammar"
    return installed if installed.is_dir() else package.parent / "grammar"


def tables_of(grammar: str, start: str, escape: str) -> Tables:
    """The tables for a grammar's file from a start symbol, with that escape character."""
    marks, lines, texts = _file()
    number = lines.get(_key(grammar, start, escape))
    if number is None or marks.get(grammar) != crc32(_text(grammar)):
        from dockerlang.syntax.lark_tables import make_tables

        return make_tables(_source(grammar, escape), start)
    return _tables(json.loads(texts[number]))


def file_content() -> str:
    """What the file is to hold, made anew; takes some seconds."""
    from dockerlang.syntax.lark_tables import make_tables

    lines: dict[str, int] = {}
    texts: list[str] = []
    for grammar in START_SYMBOLS:
        for escape in (BACKSLASH,) if grammar == "template.lark" else (BACKSLASH, BACKTICK):
            known: dict[str, int] = {}
            for start, rule in _starts(grammar):
                # RUN and CMD are written alike: they need one automaton, not two.
                if rule not in known:
                    texts.append(json.dumps(make_tables(_source(grammar, escape), start)))
                    known[rule] = len(texts)
                lines[_key(grammar, start, escape)] = known[rule]
    marks = {grammar: crc32(_text(grammar)) for grammar in START_SYMBOLS}
    return "\n".join([json.dumps({"grammars": marks, "lines": lines}), *texts]) + "\n"


def _starts(grammar: str) -> Iterable[tuple[str, str]]:
    """The start symbols of a grammar, each with its rule's text."""
    rules = dict(re.findall(r"^(\w+): +(.+)$", _text(grammar).decode("utf-8"), re.MULTILINE))
    names = START_SYMBOLS[grammar]
    if names is None:
        used = {word for rule in rules.values() for word in re.findall(r"\w+", rule)}
        names = tuple(name for name in rules if name.islower() and not name.startswith("_") and name not in used)
    return [(name, rules[name]) for name in names]


def _key(grammar: str, start: str, escape: str) -> str:
    return f"{grammar} {start} {escape}"


def _source(grammar: str, escape: str) -> str:
    text = _text(grammar).decode("utf-8")
    return text if escape == BACKSLASH else text.replace("\\\\", escape)


@cache
def _text(grammar: str) -> bytes:
    return (grammar_directory() / grammar).read_bytes()


@cache
def _file() -> tuple[dict[str, int], dict[str, int], list[str]]:
    """The marks of the grammars' texts, the lines of the keys, and all lines."""
    try:
        texts = (grammar_directory() / FILE_NAME).read_text("utf-8").split("\n")
        head = json.loads(texts[0])
        return head["grammars"], head["lines"], texts
    except (OSError, ValueError, KeyError, TypeError):
        return {}, {}, []


def _tables(fields: list[Any]) -> Tables:
    start, end, rules, lexers, lexer_of, actions = fields
    return Tables(start, end, [Rule(*rule) for rule in rules], [Lexer(*lexer) for lexer in lexers], lexer_of, actions)
