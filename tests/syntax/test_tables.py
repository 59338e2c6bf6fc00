"""The parser tables: made of the grammars as they are, and driven as Lark drives them."""

from __future__ import annotations

import re
from functools import cache

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlang.syntax import tables
from dockerlang.syntax.grammar import complete_word
from dockerlang.syntax.lalr import GrammarError, Parser
from dockerlang.syntax.tokens import Token, Tree

WORDS = r"""\ ` " ' $ { } = , [ ] # % / | ( ) . - ! @ ? : + a b1 é 80 tcp AS -- --x=1 "a" a=b \u0041 \ud83d\ude00 ${
    ${a:- ${a/ ## {{ }} range if end else .Names"""
PIECES = st.sampled_from([*WORDS.split(), " ", "  ", "\t", "\n"])
TEXTS = st.lists(PIECES, max_size=12).map("".join)
STARTS = [
    ("dockerfile.lark", start)
    for start in ("from", "arg", "env", "run", "copy", "expose", "user", "healthcheck", "mount", "port", "array")
] + [("words.lark", "word"), ("words.lark", "body"), ("template.lark", "template")]


@cache
def lark_parser(grammar: str, start: str, escape: str) -> lark.Lark:
    text = (tables.grammar_directory() / grammar).read_text("utf-8")
    source = text if escape == "\\" else text.replace("\\\\", escape)
    return lark.Lark(source, parser="lalr", start=start, maybe_placeholders=False)


def own(tree: lark.Tree[lark.Token]) -> Tree:
    children = (
        own(child)
        if isinstance(child, lark.Tree)
        else Token(child.type, str(child), child.start_pos or 0, (child.start_pos or 0) + len(child))
        for child in tree.children
    )
    return Tree(str(tree.data), tuple(children))


def test_the_file_is_made_of_the_grammars_as_they_are() -> None:
    is_current = (tables.grammar_directory() / tables.FILE_NAME).read_text("utf-8") == tables.file_content()
    assert is_current, "run `make grammar`"


def test_every_start_symbol_is_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerlang.syntax.lark_tables.make_tables", None)
    for grammar, start in STARTS:
        assert tables.tables_of(grammar, start, "\\").actions


def test_a_grammar_that_has_changed_since_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_text", lambda grammar: b'start: "a" B\nB: /b+/\n')
    parser = Parser(tables.tables_of("words.lark", "start", "\\"))
    assert parser.parse("abb") == Tree("start", (Token("B", "bb", 1, 3),))


@pytest.mark.parametrize(("grammar", "start"), STARTS)
@pytest.mark.parametrize("escape", ["\\", "`"])
@settings(max_examples=60)
@given(text=TEXTS)
def test_a_text_gives_the_tree_that_lark_gives(grammar: str, start: str, escape: str, text: str) -> None:
    if grammar == "template.lark" and escape == "`":
        return
    try:
        expected = own(lark_parser(grammar, start, escape).parse(text))
    except lark.UnexpectedInput as error:
        token = getattr(error, "token", None)
        offset = len(text) if token is not None and token.type == "$END" else error.pos_in_stream
        with pytest.raises(GrammarError) as caught:
            Parser(tables.tables_of(grammar, start, escape)).parse(text)
        names = getattr(error, "expected", None) or getattr(error, "allowed", ())
        assert (caught.value.offset, caught.value.expected) == (offset, frozenset(names))
    else:
        found = Parser(tables.tables_of(grammar, start, escape)).parse(text)
        # Start symbols whose rules are written alike share their tables.
        assert found.children == expected.children


@given(TEXTS)
def test_what_is_missing_is_put_at_the_end(text: str) -> None:
    tree, end = complete_word("word", text, "\\")
    empty = [token for token in _tokens(tree) if not token.text]
    assert all(token.start == token.end == end for token in empty)
    assert re.sub(r"\s", "", "".join(token.text for token in _tokens(tree) if token.text)) in re.sub(r"\s", "", text)


def _tokens(tree: Tree) -> list[Token]:
    return [token for child in tree.children for token in ([child] if isinstance(child, Token) else _tokens(child))]
