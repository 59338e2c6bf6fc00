"""Which checks BuildKit reports in which phase, and what it still says before an error ends the build."""

from __future__ import annotations

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.linter.buildkit import all_checks, instruction_phase, reference_lines
from dockerlang.syntax import nodes, parse, problems
from dockerlang.text import Span


def told(document: nodes.Document, found: tuple[Diagnostic, ...]) -> list[tuple[str, tuple[int, ...]]]:
    return [(each.code, reference_lines(document, each)) for each in found]


def test_the_instruction_phase_does_not_know_the_check_directive() -> None:
    document = parse("# check=skip=all\nFROM a as B\ncopy a b\nMAINTAINER c\n")
    assert told(document, instruction_phase(document)) == [
        ("FromAsCasing", (2,)),
        ("StageNameCasing", (2,)),
        ("MaintainerDeprecated", (4,)),
    ]
    assert all_checks(document) == ()


def test_lines_are_those_of_the_whole_instruction() -> None:
    document = parse("FROM scratch\nENV A \\\n  b\nonbuild run <<E\na\nE\nRUN a \\\n\n  b\n")
    assert told(document, all_checks(document)) == [
        ("LegacyKeyValueFormat", (2, 3)),
        ("ConsistentInstructionCasing", (4, 5, 6)),
        ("NoEmptyContinuation", (9,)),
    ]


def test_a_syntax_error_ends_the_instruction_phase() -> None:
    document = parse("FROM a AS B\nENV a b\nFRMO c\nMAINTAINER d\n")
    error = problems(document)[0]
    assert told(document, all_checks(document, error=error)) == [("StageNameCasing", (1,))]


def test_an_error_of_the_parser_leaves_nothing() -> None:
    document = parse("FROM a AS B\nENV a\n")
    assert all_checks(document, error=problems(document)[0]) == ()


def test_an_error_in_a_step_leaves_what_came_before_it() -> None:
    document = parse("FROM scratch AS B\nENV a b\nSTOPSIGNAL x\nENV c d\n")
    at = document.source.text.index(" x\n") + 1
    error = Diagnostic("bad-signal", Severity.ERROR, Span(at, at + 1), "no signal")
    assert told(document, all_checks(document, error=error)) == [
        ("StageNameCasing", (1,)),
        ("LegacyKeyValueFormat", (2,)),
    ]
