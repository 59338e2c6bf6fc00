"""How a finding is drawn: underlines under tabs and wide characters, long lines, many lines, several places."""

from __future__ import annotations

import io

from dockerlang.cli.output.snippet import diagnostic_lines
from dockerlang.cli.output.text import as_rich_text, render_diagnostics, summary
from dockerlang.diagnostics import Diagnostic, Fix, Label, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.text import Source, Span


def drawn(text: str, start: str, *, end: str = "", width: int = 60, labels: dict[str, str] | None = None) -> list[str]:
    """The lines below the place's line, for a finding from the text `start` to the end of `end`."""
    first = text.index(start)
    last = text.index(end, first) + len(end) if end else first + len(start)
    marks = tuple(
        Label(Span(text.index(word), text.index(word) + len(word)), said) for word, said in (labels or {}).items()
    )
    found = Diagnostic("code", Severity.WARNING, Span(first, last), "message", note="note", labels=marks)
    lines = ["".join(piece.text for piece in line) for line in diagnostic_lines(Source("D", text), found, width)]
    return lines[3:]


def test_one_place() -> None:
    assert drawn("FROM a\nRUN b c\n", "b") == ["2 | RUN b c", "  |     ^ note"]


def test_tabs_and_wide_characters() -> None:
    assert drawn("\tRUN\t日本 é x\n", "x") == ["1 |     RUN 日本 é x", "  |                ^ note"]


def test_a_place_behind_the_last_character() -> None:
    text = "FROM\n"
    found = Diagnostic("code", Severity.ERROR, Span(4, 4), "message")
    lines = ["".join(piece.text for piece in line) for line in diagnostic_lines(Source("D", text), found, 60)]
    assert lines[3:] == ["1 | FROM", "  |     ^"]


def test_an_empty_file() -> None:
    found = Diagnostic("code", Severity.ERROR, Span(0, 0), "message")
    lines = ["".join(piece.text for piece in line) for line in diagnostic_lines(Source("D", ""), found, 60)]
    assert lines[1] == " --> D:1:1"
    assert lines[3:] == ["1 | ", "  | ^"] or lines[3:] == ["1 |", "  | ^"]


def test_several_lines() -> None:
    text = "RUN a \\\n  && b \\\n  && c \\\n  && d \\\n  && e \\\n  && f\n"
    assert drawn(text, "b", end="c") == [
        "2 |   && b \\",
        "  |      ^^^",
        "3 |   && c \\",
        "  |   ^^^^ note",
    ]
    assert drawn(text, "a", end="f") == [
        "1 | RUN a \\",
        "  |     ^^^",
        "2 |   && b \\",
        "  |   ^^^^^^",
        "3 |   && c \\",
        "  |   ^^^^^^",
        "...",
        "6 |   && f",
        "  |   ^^^^ note",
    ]


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "RUN " + "a" * 100 + " here " + "b" * 100 + "\n"
    source, mark = drawn(text, "here", width=50)
    assert source.startswith("1 | …aaa")
    assert source.endswith("b…")
    assert len(source) <= 50
    assert source[mark.index("^") :].startswith("here")


def test_a_long_line_of_wide_characters_is_cut_too() -> None:
    source, mark = drawn("RUN " + "日" * 100 + " here\n", "日", width=40)
    assert len(source) < 40
    assert mark == "  |     ^^ note"


def test_other_places_are_marked_and_named() -> None:
    assert drawn("ENV A=1 B=2 C=3\nENV D=4\n", "B", labels={"A": "first", "C": "third", "D": "last"}) == [
        "1 | ENV A=1 B=2 C=3",
        "  |     - first",
        "  |         ^ note",
        "  |             - third",
        "2 | ENV D=4",
        "  |     - last",
    ]


def test_words_for_several_places_are_said_once() -> None:
    text = "RUN a b c d\n"
    found = Diagnostic(
        "code", Severity.INFO, Span(4, 5), "message", labels=(Label(Span(6, 7), "too"), Label(Span(8, 9), "too"))
    )
    lines = ["".join(piece.text for piece in line) for line in diagnostic_lines(Source("D", text), found, 60)]
    assert lines[3:] == ["1 | RUN a b c d", "  |     ^ - - too"]


def test_control_characters_do_not_reach_the_terminal() -> None:
    lines = drawn("RUN \x1b[31m \x07 \udcff b\n", "b")
    assert lines[0] == "1 | RUN ␛[31m ␇ � b"
    assert lines[1].index("^") == lines[0].index("b")


def test_lines_and_columns_under_windows_line_endings() -> None:
    assert drawn("FROM a\r\nRUN b\r\n", "b") == ["2 | RUN b", "  |     ^ note"]


def test_the_summary_counts() -> None:
    edit = (Edit(Span(0, 1), "x"),)
    fixes = {"safe": Fix("t", edit), "unsafe": Fix("t", edit, Safety.UNSAFE)}

    def found(severity: Severity, *names: str) -> Diagnostic:
        return Diagnostic("c", severity, Span(0, 1), "m", fixes=tuple(fixes[name] for name in names))

    reports = [
        (Source("a", "x"), [found(Severity.ERROR, "safe"), found(Severity.ERROR), found(Severity.INFO, "unsafe")]),
        (Source("b", "x"), [found(Severity.STYLE)]),
        (Source("c", "x"), []),
    ]
    assert summary(reports) == (
        "Found 2 errors, 1 info, 1 style in 2 files; 1 fixable with --fix; 1 more with --unsafe-fixes"
    )
    assert summary(reports[1:2]) == "Found 1 style in 1 file"
    assert summary(reports[2:]) == "No problems found in 1 file"


def test_a_stream_that_is_no_terminal_gets_plain_text() -> None:
    stream = io.StringIO()
    found = Diagnostic("code", Severity.ERROR, Span(0, 4), "message", help="do this", url="https://example.com")
    render_diagnostics(Source("D", "FROM\n"), [found], stream=stream)
    assert stream.getvalue() == (
        "error[code]: message\n --> D:1:1\n  |\n1 | FROM\n  | ^^^^\n  |\n  = help: do this\n\n"
    )


def test_a_terminal_gets_colours_and_links() -> None:
    found = Diagnostic("code", Severity.ERROR, Span(0, 4), "message", url="https://example.com")
    line = next(iter(diagnostic_lines(Source("D", "FROM\n"), found, 60)))
    styles = [str(span.style) for span in as_rich_text(line).spans]
    assert styles[:2] == ["bold red", "bold red link https://example.com"]
