"""A document after many changes is what a fresh one of the same text would be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerlang.edits import apply_edits
from dockerlang.ide.editor_text import difference
from dockerlang.ide.open_document import OpenDocument
from dockerlang.syntax import parse
from dockerlang.text import Source

TEXTS = st.text(alphabet="ab\n\r# \\$<", max_size=30)
LINES = ("FROM a AS b\n", "RUN a \\\n", "COPY <<E /x\n", "E\n", "# x\n", "\n", "ENV A=$B\n", "# escape=`\n", "x")


@given(TEXTS, TEXTS)
def test_the_difference_of_two_texts_makes_one_of_the_other(old: str, new: str) -> None:
    edit = difference(old, new)
    assert apply_edits(old, [edit]) == new
    assert old != new or not (edit.span or edit.replacement)


@given(st.lists(st.lists(st.sampled_from(LINES), max_size=8).map("".join), min_size=1, max_size=5))
def test_a_changed_document_equals_a_fresh_one(texts: list[str]) -> None:
    document = OpenDocument.of("untitled:x", 0, parse(Source("x", "")))
    for version, text in enumerate(texts, 1):
        document = document.changed(version, text)
        fresh = parse(Source("x", text))
        assert document.source.text == text
        assert tuple(document.tree.items) == tuple(fresh.items)
