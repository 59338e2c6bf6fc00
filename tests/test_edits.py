"""Edits: applied together they do what they would do one by one from the end, and never overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.edits import Edit, OverlapError, apply_edits, conflicts
from dockerlang.text import Span


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text and edits of it that do not overlap, in any order."""
    text = draw(st.text(max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    edits = [Edit(span, draw(st.text(max_size=4))) for span in spans]
    return text, draw(st.permutations(edits))


@given(texts_with_edits())
def test_edits_are_applied_as_if_from_the_end(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    expected = text
    for edit in sorted(edits, reverse=True):
        expected = expected[: edit.span.start] + edit.replacement + expected[edit.span.end :]
    assert apply_edits(text, edits) == expected


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5))
def test_overlaps_are_refused(text: str, ends: list[tuple[int, int]]) -> None:
    edits = {Edit(Span(min(pair), max(pair)), "x") for pair in ends}
    ordered = sorted(edits)
    overlap = any(one.span.overlaps(other.span) for one in ordered for other in ordered if one is not other)
    if overlap:
        assert conflicts(edits)
    if conflicts(edits):
        with pytest.raises(OverlapError):
            apply_edits(text, edits)


def test_the_same_edit_twice_is_one_edit() -> None:
    edit = Edit(Span(0, 1), "b")
    assert apply_edits("a", [edit, edit]) == "b"


def test_two_insertions_at_one_place_have_no_order() -> None:
    with pytest.raises(OverlapError):
        apply_edits("a", [Edit(Span(1, 1), "b"), Edit(Span(1, 1), "c")])


def test_insertions_at_both_ends() -> None:
    assert apply_edits("a", [Edit(Span(1, 1), ">"), Edit(Span(0, 0), "<")]) == "<a>"
