"""The runner itself: it compares whole values, and says what differs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import main
from tests.conformance.differences import ABSENT, differences
from tests.conformance.folder import OWN_CASES
from tests.conformance.outcome import Outcome
from tests.conformance.report import describe, run_suite

Alter = Callable[[dict[str, Any]], object]


def _written(path: Path, source: str, names: list[str], alter: Alter | None = None) -> Path:
    """Some cases of one of our own files; `alter` changes what the first of them expects."""
    cases = [case for case in json.loads((OWN_CASES / source).read_text("utf-8"))["cases"] if case["name"] in names]
    assert len(cases) == len(names)
    if alter is not None:
        alter(cases[0])
    path.write_text(json.dumps({"cases": cases}), encoding="utf-8")
    return path


def _set(*keys: str | int, value: object) -> Alter:
    def alter(case: dict[str, Any]) -> None:
        place: Any = case
        for key in keys[:-1]:
            place = place[key]
        assert place[keys[-1]] != value
        place[keys[-1]] = value

    return alter


NAMES = ["own/cont04", "own/from01"]


@pytest.mark.parametrize(
    "alter",
    [
        _set("parse", "ast", 1, "args", 0, value="b"),
        _set("parse", "ast", 1, "end_line", value=9),
        _set("parse", "dump", value="(from)"),
        _set("parse", "stages", 0, "base", value="b"),
        _set("parse", "warnings", value=["1:x"]),
        _set("parse", "escape", value="`"),
        _set("directives", "syntax", "ok", value=True),
        _set("convert", "image", "architecture", value="s390x"),
        _set("convert", "image", "history", 0, "created_by", value="RUN x"),
        _set("convert", "lint", value=[{"rule": "UndefinedVar", "lines": [1], "msg": ""}]),
    ],
)
def test_an_altered_expectation_fails(tmp_path: Path, alter: Alter) -> None:
    whole = run_suite("ast", _written(tmp_path / "whole.json", "ast_own.json", NAMES))
    assert (len(whole.passed), len(whole.failed)) == (2, 0)
    altered = run_suite("ast", _written(tmp_path / "altered.json", "ast_own.json", NAMES, alter))
    assert [outcome.name for outcome in altered.failed] == ["own/cont04"]


def test_the_command_tells_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alter = _set("parse", "ast", 1, "args", 0, value="b")
    cases = _written(tmp_path / "cases.json", "ast_own.json", NAMES, alter)
    assert main(["ast", str(cases)]) == 1
    output = capsys.readouterr().out
    assert "FAIL own/cont04" in output
    assert "parse.ast[1].args[0]" in output
    assert output.endswith("1 passed, 1 failed, 0 differ by design\n")


def test_only_runs_some_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = _written(tmp_path / "cases.json", "ast_own.json", NAMES)
    assert main(["ast", str(cases), "--only", "from", "-v"]) == 0
    assert capsys.readouterr().out == "ok own/from01\n1 passed, 0 failed, 0 differ by design\n"


def test_a_difference_by_design_is_counted_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = _written(tmp_path / "cases.json", "ast_own.json", ["own/heredoc76"])
    assert main(["ast", str(cases), "-v"]) == 0
    output = capsys.readouterr().out
    assert "BY DESIGN own/heredoc76: " in output
    assert output.endswith("0 passed, 0 failed, 1 differ by design\n")


def test_a_reason_for_a_case_that_passes_is_stale(tmp_path: Path) -> None:
    def take_over(case: dict[str, Any]) -> None:
        case["name"] = "own/heredoc76"

    report = run_suite("ast", _written(tmp_path / "cases.json", "ast_own.json", NAMES, take_over))
    assert [outcome.name for outcome in report.stale] == ["own/heredoc76"]


def test_without_cases_nothing_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ast", str(tmp_path / "missing.json")]) == 2
    assert "no cases" in capsys.readouterr().err


def test_differences_are_those_of_the_fields() -> None:
    expected = {"a": 1, "b": [{"c": "x"}, {"c": "y"}], "d": [1]}
    actual = {"a": 1, "b": [{"c": "x"}, {"c": "z"}], "d": [1, 2], "e": None}
    assert [difference.path for difference in differences(expected, actual)] == ["b[1].c", "d", "e"]
    assert next(iter(differences({"e": 1}, {}))).actual == ABSENT
    assert list(describe(Outcome("n", 1, 2))) == ["FAIL n", "  value", "    expected 1", "    actual   2"]
