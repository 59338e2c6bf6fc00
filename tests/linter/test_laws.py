"""What holds for any text: the linter never fails, its findings lie inside the text, and its fixes settle."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dockerlang.diagnostics import Safety
from dockerlang.edits import conflicts
from dockerlang.linter import fix_text, lint
from dockerlang.syntax import parse, problems
from tests.dockerfiles import dockerfiles, junk

TEXTS = st.one_of(junk(), dockerfiles())
KINDS = st.sampled_from([frozenset({Safety.SAFE}), frozenset(Safety)])


@given(TEXTS)
def test_findings_lie_inside_the_text_and_are_in_order(text: str) -> None:
    found = lint(parse(text))
    places = [diagnostic.span for diagnostic in found]
    assert places == sorted(places)
    for diagnostic in found:
        spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
        spans += [edit.span for fix in diagnostic.fixes for edit in fix.edits]
        assert all(0 <= span.start <= span.end <= len(text) for span in spans)
        assert not any(conflicts(fix.edits) for fix in diagnostic.fixes)
        assert diagnostic.message


@given(TEXTS, KINDS)
def test_fixes_settle_and_add_no_problem(text: str, allow: frozenset[Safety]) -> None:
    fixed = fix_text(text, lint, allow=allow)
    assert Counter(problem.code for problem in problems(parse(fixed.text))) <= Counter(
        problem.code for problem in problems(parse(text))
    )
    assert fixed.remaining == lint(parse(fixed.text))
    again = fix_text(fixed.text, lint, allow=allow)
    assert again.text == fixed.text
    assert not again.counts


@given(TEXTS)
def test_linting_is_a_function_of_the_text(text: str) -> None:
    assert lint(parse(text)) == lint(parse(text))
