"""Parsing after an edit gives what parsing the new text gives, and costs what the edit costs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlang.edits import Edit
from dockerlang.syntax import parse
from dockerlang.syntax.reparse import reparse
from dockerlang.text import Span

START = (
    "# escape=\\\n\n# c\nFROM a AS b\n\n\nRUN a \\\n # x\n\n b\nRUN <<EOF\na\nEOF\nCOPY <<A <<B /x\n1\nA\n2\nB\n"
    "ENV A=b\n  \n# d\nARG x\nHEALTHCHECK --interval=2s --retries=3 CMD ['x']\nCOPY --link a b\n"
    "ONBUILD RUN <<E\nE\nHEALTHCHECK CMD x\nUSER y\n"
)
REPLACEMENTS = st.sampled_from(
    [
        "",
        "\n",
        "\\\n",
        "<<EOF",
        "EOF\n",
        "#",
        "# escape=`\n",
        " ",
        "RUN x\n",
        "\r\n",
        "A",
        "\n\n",
        "FROM",
        "\\",
        "`",
        "é",
    ]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 1, 2, 5, 20]), REPLACEMENTS), max_size=40)


@settings(max_examples=150, deadline=None)
@given(EDITS)
def test_an_edited_document_is_the_document_of_the_edited_text(edits: list[tuple[float, int, str]]) -> None:
    document = parse(START)
    for place, length, replacement in edits:
        text = document.source.text
        start = round(place * len(text))
        document = reparse(document, Edit(Span(start, min(start + length, len(text))), replacement))
        expected = parse(document.source)
        assert tuple(document.items) == tuple(expected.items)
        assert document.escape == expected.escape


def test_an_edit_in_a_long_file_shares_all_items_but_a_few() -> None:
    document = parse("FROM a\n" + "RUN echo hello\n" * 1000)
    middle = len("FROM a\n" + "RUN echo hello\n" * 500)
    edited = reparse(document, Edit(Span(middle, middle), "RUN new\n"))
    old = set(map(id, document.items))
    before = [item for item in edited.items if item.span.start < middle - 20]
    assert all(id(item) in old for item in before)
    assert len(edited.items) == 1002
    assert edited.items[-1].span.end == len(edited.source.text)


def test_many_edits_here_and_there_add_up_to_the_document_of_the_text() -> None:
    document = parse("FROM a\n" + "RUN echo hello\n" * 200)
    for number in range(2000):
        offset = (number * 37) % len(document.source.text)
        document = reparse(document, Edit(Span(offset, offset), "x"))
    assert tuple(document.items) == tuple(parse(document.source).items)
