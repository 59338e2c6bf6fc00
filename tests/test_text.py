"""Positions: offsets, lines and columns lead to each other and back in all encodings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.text import Encoding, LineIndex, Position, Span, decode, encode

TEXT = st.text(st.one_of(st.sampled_from("a\n\r é😀\u0301\ufeff\udc80"), st.characters()))
ENCODINGS = pytest.mark.parametrize("encoding", list(Encoding))


@ENCODINGS
@given(text=TEXT)
def test_offsets_and_positions_lead_back_to_each_other(encoding: Encoding, text: str) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        position = index.position(offset, encoding)
        line_end = index.span_of(position.line).end
        # Inside a line ending an editor knows no place of its own but the line's end.
        assert index.offset(position, encoding) == min(offset, line_end)


@ENCODINGS
@given(text=TEXT, line=st.integers(-1, 9), column=st.integers(-1, 9))
def test_any_position_is_some_offset(encoding: Encoding, text: str, line: int, column: int) -> None:
    index = LineIndex(text)
    offset = index.offset(Position(line, column), encoding)
    assert 0 <= offset <= len(text)
    found = index.position(offset, encoding)
    assert found <= Position(max(line, 0), max(column, 0)) or line >= index.line_count or text == ""


@given(TEXT)
def test_lines_are_what_splitting_gives(text: str) -> None:
    index = LineIndex(text)
    lines = text.split("\n")
    assert index.line_count == len(lines)
    assert [index.line_text(line) for line in range(index.line_count)] == [
        line if number == len(lines) - 1 and not line.endswith("\r") else line.rstrip("\r")
        for number, line in enumerate(lines)
    ]


@given(TEXT)
def test_columns_count_what_the_encoding_counts(text: str) -> None:
    index = LineIndex(text)
    for encoding, width in ((Encoding.UTF8, 1), (Encoding.UTF16, 2), (Encoding.UTF32, 4)):
        name = {Encoding.UTF8: "utf-8", Encoding.UTF16: "utf-16-le", Encoding.UTF32: "utf-32-le"}[encoding]
        for line in range(index.line_count):
            content = index.line_text(line)
            if any("\ud800" <= character <= "\udfff" for character in content):
                continue  # bytes that are no text have no length in another encoding
            end = index.position(index.span_of(line).end, encoding)
            assert end == Position(line, len(content.encode(name)) // width)


def test_a_column_inside_a_character_means_its_start() -> None:
    index = LineIndex("a😀b")
    assert index.offset(Position(0, 2), Encoding.UTF16) == 1
    assert index.offset(Position(0, 3), Encoding.UTF16) == 2
    assert index.offset(Position(0, 3), Encoding.UTF8) == 1
    assert index.offset(Position(0, 99), Encoding.UTF8) == 3


def test_half_a_surrogate_pair_has_a_width_too() -> None:
    text = "a\ud800b\udcffc"
    assert [encoding.width(text) for encoding in Encoding] == [1 + 3 + 1 + 1 + 1, 5, 5]


@given(st.binary())
def test_bytes_survive(data: bytes) -> None:
    assert encode(decode(data)) == data


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_spans_agree_with_sets_of_offsets(start: int, length: int, other_start: int, other_length: int) -> None:
    one, other = Span(start, start + length), Span(other_start, other_start + other_length)
    offsets, others = set(range(one.start, one.end)), set(range(other.start, other.end))
    assert len(one) == len(offsets)
    assert all((offset in one) == (offset in offsets) for offset in range(20))
    if offsets and others:
        assert one.overlaps(other) == bool(offsets & others)
        assert one.encloses(other) == (others <= offsets)
    assert one.shift(3) == Span(one.start + 3, one.end + 3)
    assert one.touches(one.start)
    assert one.touches(one.end)
