"""What holds for every text and every cursor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.edits import Edit, apply_edits
from dockerlang.ide.carried import carried_over
from dockerlang.ide.completion import complete
from dockerlang.ide.definition import definition
from dockerlang.ide.editor_text import difference
from dockerlang.ide.folding import folds
from dockerlang.ide.hover import hover
from dockerlang.ide.occurrences import occurrences
from dockerlang.ide.references import references
from dockerlang.ide.symbols import Symbol, document_symbols
from dockerlang.syntax import parse
from dockerlang.text import Span

PIECES = [
    "FROM a AS b\n", "FROM b\n", "FROM $A\n", "ARG A=1\n", "ARG A B=$A\n", "ENV A=${A:-$B} C=$A\n",
    "COPY --from=b x /y\n", "RUN echo $A", "RUN --mount=type=cache,from=b ", "RUN <<EOF\n",
    "EOF\n", "ONBUILD ", "COPY <<X <<Y /z\n", "X\n",
    "HEALTHCHECK ", "\\\n", "# c\n", "# escape=`\n", "`\n", "$", "${", "}", "--", " ", "\n", "'", '"', "=", ",", "\r",
    "\ufeff", "é", "😀",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(texts, st.data())
def test_every_feature_answers_at_every_place(text: str, data: st.DataObject) -> None:
    document = parse(text)
    offset = data.draw(st.integers(0, len(text)))
    for offer in complete(document, offset):
        assert offer.span.end == offset
        # An offer can be taken: what it replaces is there.
        assert apply_edits(text, [Edit(offer.span, offer.text)])[: offer.span.start] == text[: offer.span.start]
    card = hover(document, offset)
    assert card is None or (card.span.touches(offset) and card.markdown)
    place = definition(document, offset)
    named = references(document, offset)
    assert (place is None) == (not named)
    assert place is None or place in {reference.span for reference in named if reference.is_definition}


@given(texts)
def test_references_are_the_same_from_each_of_their_places(text: str) -> None:
    document = parse(text)
    for occurrence in occurrences(document):
        # The cursor behind the first character: at the first one, another name may end.
        found = references(document, min(occurrence.span.start + 1, occurrence.span.end))
        assert occurrence.span in {reference.span for reference in found}


@given(texts)
def test_symbols_nest_and_folds_have_lines(text: str) -> None:
    document = parse(text)

    def check(symbols: tuple[Symbol, ...], outer: Span) -> None:
        for symbol in symbols:
            assert symbol.name
            assert outer.encloses(symbol.span)
            assert symbol.span.encloses(symbol.selection)
            check(symbol.children, symbol.span)

    check(document_symbols(document), document.span)
    for fold in folds(document):
        assert "\n" in text[fold.span.start : fold.span.end]


@given(st.text("ab\n", max_size=30), st.text("ab\n", max_size=5), st.data())
def test_carried_findings_cover_the_same_text(old: str, inserted: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    new = old[:start] + inserted + old[end:]
    findings = [Diagnostic("X", Severity.INFO, Span(at, at + 2), "x") for at in range(max(0, len(old) - 1))]
    moved = carried_over(findings, difference(old, new))
    for carried in moved:
        assert carried.span.end <= len(new)
    assert carried_over(findings, difference(old, old)) == tuple(findings)
    before = {finding.span for finding in findings if finding.span.end < start}
    assert before <= {carried.span for carried in moved} or inserted == old[start:end]
