"""Tokens that are kept over edits are those of a fresh look, and changes make the new numbers of the old ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlang.edits import Edit
from dockerlang.ide.editor_text import EditorLines
from dockerlang.ide.packed_tokens import PackedTokens
from dockerlang.ide.tokens import packed, tokens
from dockerlang.syntax import parse
from dockerlang.syntax.reparse import reparse
from dockerlang.text import Encoding, Span

START = "# escape=\\\n\nFROM a AS b\n# é\nRUN echo $A \\\n  # c\n  😀\nCOPY --from=b <<X /y\n$A\nX\nENV A=b\n\nUSER y\n"
PIECES = st.sampled_from(["", "\n", "\\\n", "$B", "é", "😀", "#", "RUN x\n", "\r\n", '"', "X\n", "FROM b\n"])
EDITS = st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 1, 5, 30]), PIECES), max_size=12)


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


@settings(deadline=None)
@given(EDITS, st.sampled_from(Encoding))
def test_changes_lead_to_the_numbers_of_a_fresh_look(edits: list[tuple[float, int, str]], encoding: Encoding) -> None:
    document = parse(START)
    kept = PackedTokens(encoding)
    shown = numbers(kept.all(document, EditorLines(START)))
    for place, length, replacement in edits:
        text = document.source.text
        start = round(place * len(text))
        document = reparse(document, Edit(Span(start, min(start + length, len(text))), replacement))
        lines = EditorLines(document.source.text)
        change = kept.since(kept.name, document, lines)
        assert change is not None
        shown[change.start : change.start + change.removed] = numbers(change.numbers)
        assert shown == packed(tokens(document), lines, encoding)
    assert kept.since("of another time", document, EditorLines(document.source.text)) is None
