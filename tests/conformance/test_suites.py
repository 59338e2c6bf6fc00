"""The recorded cases as tests: no suite may fail more cases than `counts.toml` says."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from tests.conformance.folder import VARIABLE, cases_file
from tests.conformance.report import describe, run_suite
from tests.conformance.suites import SUITES

COUNTS = tomllib.loads((Path(__file__).parent / "counts.toml").read_text("utf-8"))
NEEDS_ROOT = frozenset({"builds", "cache", "layers", "parse"})
TAKES_LONG = frozenset({"builds", "cache", "layers"})


def _cases() -> list[object]:
    cases: list[object] = []
    for suite, files in SUITES.items():
        marks = []
        if suite in NEEDS_ROOT:
            is_missing = os.geteuid() != 0 and not os.environ.get("CI")
            marks += [pytest.mark.root, pytest.mark.skipif(is_missing, reason="needs root to build and to mount")]
        if suite in TAKES_LONG:
            marks.append(pytest.mark.slow)
        cases.extend(pytest.param(suite, name, id=f"{suite}-{name}", marks=marks) for name in files)
    return cases


@pytest.mark.parametrize(("suite", "name"), _cases())
def test_no_case_more_fails(suite: str, name: str) -> None:
    cases = cases_file(name)
    if cases is None:
        pytest.skip(f"{name} is not on this machine: it comes from a public suite, {VARIABLE} says where")
    report = run_suite(suite, cases)
    known = COUNTS[suite][name]
    told = "\n".join(line for outcome in report.failed for line in describe(outcome))
    assert len(report.failed) == known, (
        f"{len(report.failed)} fail, {known} did: correct the bug or counts.toml\n{told}"
    )
    assert not report.stale, f"by_design.toml explains cases that pass: {[outcome.name for outcome in report.stale]}"
    assert report.passed
