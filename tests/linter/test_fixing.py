"""How fixes are chosen: overlaps wait, what harms is left out, circles end."""

from __future__ import annotations

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter import fix_text
from dockerlang.linter.fixing import Lint
from dockerlang.syntax import nodes
from dockerlang.text import Span


def replacing(*pairs: tuple[str, str], safety: Safety = Safety.SAFE) -> Lint:
    """A linter that wants the first place of each text replaced by another."""

    def lint(document: nodes.Document) -> tuple[Diagnostic, ...]:
        text = document.source.text
        found = []
        for old, new in pairs:
            at = text.find(old)
            if at >= 0:
                span = Span(at, at + len(old))
                fix = Fix(f"write {new}", (Edit(span, new),), safety)
                found.append(Diagnostic(f"{old}-found", Severity.WARNING, span, "found", fixes=(fix,)))
        return tuple(found)

    return lint


def test_fixes_follow_one_another_until_none_is_left() -> None:
    fixed = fix_text("FROM a\n", replacing(("a", "b"), ("b", "c")))
    assert fixed.text == "FROM c\n"
    assert fixed.counts == {"a-found": 1, "b-found": 1}
    assert fixed.remaining == ()


def test_of_two_that_overlap_one_waits() -> None:
    assert fix_text("FROM abc\n", replacing(("ab", "x"), ("bc", "y"))).text == "FROM xc\n"


def test_a_fix_that_breaks_the_file_is_left_out_and_the_others_stay() -> None:
    fixed = fix_text("FROM a AS b\n", replacing(("FROM", "FRMO"), (" b", " c")))
    assert fixed.text == "FROM a AS c\n"
    assert fixed.counts == {" b-found": 1}
    assert [diagnostic.code for diagnostic in fixed.remaining] == ["FROM-found"]


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    fixed = fix_text("FROM a\n", replacing(("a", "z"), ("z", "a")))
    assert fixed.text in ("FROM a\n", "FROM z\n")


def test_unsafe_fixes_are_applied_only_where_they_are_allowed() -> None:
    lint = replacing(("a", "b"), safety=Safety.UNSAFE)
    assert fix_text("FROM a\n", lint).text == "FROM a\n"
    assert fix_text("FROM a\n", lint, allow=frozenset(Safety)).text == "FROM b\n"


def test_bytes_that_are_no_text_survive() -> None:
    text = "FROM a\n# \udcff\udce9\r\nRUN b"
    assert fix_text(text, replacing(("a", "c"))).text == "FROM c\n# \udcff\udce9\r\nRUN b"
