"""Lines and columns of the protocol against offsets, in all three encodings."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from dockerlang.ide.editor_text import EditorLines, name_of, well_formed
from dockerlang.text import Encoding, Position
from dockerlang_lsp.from_lsp import apply_changes, offset_of, span_of

encodings = st.sampled_from(Encoding)
# Combining marks, characters outside of the BMP, all line endings, and what Python alone takes for line endings.
texts = st.text(st.sampled_from("ab é\u0301😀\u2028\f\x85\r\n"), max_size=30)


def position(line: int, character: int) -> types.Position:
    return types.Position(line, character)


def position_of(text: str, offset: int, encoding: Encoding) -> types.Position:
    """The position of an offset, worked out from the protocol's own words."""
    before = text[:offset]
    ends = [match.end() for match in re.finditer("\r\n|\n|\r", text) if match.end() <= offset]
    start = ends[-1] if ends else 0
    codec = {Encoding.UTF8: "utf-8", Encoding.UTF16: "utf-16-le", Encoding.UTF32: "utf-32-le"}[encoding]
    unit = {Encoding.UTF8: 1, Encoding.UTF16: 2, Encoding.UTF32: 4}[encoding]
    return position(len(ends), len(before[start:].encode(codec)) // unit)


def is_between_cr_and_lf(text: str, offset: int) -> bool:
    return text[offset - 1 : offset + 1] == "\r\n" and offset > 0


@given(texts, encodings, st.data())
def test_positions_lead_back_to_their_offsets(text: str, encoding: Encoding, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    lines = EditorLines(text)
    expected = position_of(text, offset, encoding)
    found = lines.position(offset, encoding)
    assert (found.line, found.column) == (expected.line, expected.character)
    if not is_between_cr_and_lf(text, offset):
        assert offset_of(lines, expected, encoding) == offset


@given(texts, encodings, st.data())
def test_a_chain_of_edits_gives_what_the_editor_has(text: str, encoding: Encoding, data: st.DataObject) -> None:
    changes: list[types.TextDocumentContentChangeEvent] = []
    shown = text
    for _ in range(data.draw(st.integers(1, 4))):
        places = [offset for offset in range(len(shown) + 1) if not is_between_cr_and_lf(shown, offset)]
        start, end = sorted((data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))))
        inserted = data.draw(texts)
        range_ = types.Range(position_of(shown, start, encoding), position_of(shown, end, encoding))
        changes.append(types.TextDocumentContentChangePartial(range_, inserted))
        shown = shown[:start] + inserted + shown[end:]
    assert apply_changes(text, changes, encoding) == shown


@given(texts, encodings, st.integers(0, 50), st.integers(0, 50))
def test_every_position_has_an_offset(text: str, encoding: Encoding, line: int, character: int) -> None:
    assert 0 <= offset_of(EditorLines(text), position(line, character), encoding) <= len(text)


@pytest.mark.parametrize(
    ("text", "line", "character", "offset"),
    [
        ("😀b", 0, 1, 0),  # inside a surrogate pair: the character's start
        ("ab\r\ncd", 0, 9, 2),  # past the end of a line: before its ending
        ("ab\rcd", 1, 1, 4),  # a lone carriage return ends a line
        ("ab\n", 1, 0, 3),
        ("ab\n", 7, 3, 3),  # past the end of the text
        ("", 0, 0, 0),
    ],
)
def test_corners(text: str, line: int, character: int, offset: int) -> None:
    assert offset_of(EditorLines(text), position(line, character), Encoding.UTF16) == offset


def test_a_range_that_ends_before_it_starts_is_empty() -> None:
    backwards = types.Range(position(0, 2), position(0, 1))
    assert len(span_of(EditorLines("abc"), backwards, Encoding.UTF16)) == 0


def test_a_change_of_the_whole_text_counts_for_those_after_it() -> None:
    whole = types.TextDocumentContentChangeWholeDocument("new")
    partial = types.TextDocumentContentChangePartial(types.Range(position(0, 0), position(0, 1)), "N")
    assert apply_changes("old", [whole, partial], Encoding.UTF16) == "New"


@given(st.text(st.characters(categories=["L", "Cs"]), max_size=8))
def test_halves_of_characters_are_replaced_and_columns_stay(text: str) -> None:
    made = well_formed(text)
    made.encode("utf-8")
    assert len(made.encode("utf-16-le")) == len(text.encode("utf-16-le", "surrogatepass"))


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("file:///project/My%20App/Dockerfile", "/project/My App/Dockerfile"),
        ("file:///c%3A/project/Dockerfile", "c:/project/Dockerfile"),
        ("untitled:Untitled-1", "untitled:Untitled-1"),
        ("vscode-notebook-cell:/x#1", "vscode-notebook-cell:/x#1"),
    ],
)
def test_names_of_documents(uri: str, name: str) -> None:
    assert name_of(uri) == name


def test_lines_are_those_of_the_protocol() -> None:
    assert EditorLines("a\u2028b\x0cc\x85d").line_count == 1
    assert EditorLines("a\r\nb\rc\nd").position(7, Encoding.UTF16) == Position(3, 0)
