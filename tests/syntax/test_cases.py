"""The parser's cases in Markdown: trees, and the problems of syntax."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.syntax import parse, problems
from dockerlang.syntax.dump import Places, text_of
from tests.markdown_cases import Case, parametrize


def tree(text: str, places: str = "hidden") -> str:
    """The tree as text; `places=shown` adds where each node stands."""
    return text_of(parse(text), Places(places))


def problem_list(text: str) -> str:
    """A line for each problem: its code, where it is, what is underlined, and the message."""
    document = parse(text)
    lines = []
    for problem in problems(document):
        start = document.source.lines.position(problem.span.start)
        underlined = document.source.slice(problem.span).replace("\n", "⏎")
        lines.append(f"{problem.code} {start.line + 1}:{start.column + 1} `{underlined}` {problem.message}\n")
    return "".join(lines)


@parametrize(Path(__file__).parent.glob("*.md"))
def test_case(case: Case, pytestconfig: pytest.Config) -> None:
    case.check({"tree": tree, "problems": problem_list}, pytestconfig)
