"""Runs a suite and sorts its outcomes: passed, failed, or different by design with a recorded reason."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance.differences import differences
from tests.conformance.outcome import Outcome
from tests.conformance.suites import suite

BY_DESIGN = Path(__file__).parent / "by_design.toml"
_LONGEST = 300

Accept = Callable[[str], bool]


@dataclass
class Report:
    """The outcomes of one suite over one file. `stale` are cases with a recorded reason that pass nevertheless."""

    suite: str
    passed: list[Outcome] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    by_design: list[tuple[Outcome, str]] = field(default_factory=list)
    stale: list[Outcome] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """The line that a run ends with."""
        return f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.by_design)} differ by design"


def run_suite(name: str, cases: Path, accept: Accept = lambda _name: True) -> Report:
    """Run those cases of a suite whose name is accepted."""
    reasons = tomllib.loads(BY_DESIGN.read_text("utf-8")).get(name, {})
    report = Report(name)
    for outcome in suite(name)(cases):
        if not accept(outcome.name):
            continue
        if outcome.passed:
            (report.stale if outcome.key in reasons else report.passed).append(outcome)
        elif outcome.key in reasons:
            report.by_design.append((outcome, reasons[outcome.key]))
        else:
            report.failed.append(outcome)
    return report


def describe(outcome: Outcome) -> Iterator[str]:
    """A failing case as lines: its name, then each field that differs, expected and actual side by side."""
    yield f"FAIL {outcome.name}"
    for difference in differences(outcome.expected, outcome.actual):
        place = difference.path or "value"
        yield f"  {place}"
        yield f"    expected {_shortened(difference.expected)}"
        yield f"    actual   {_shortened(difference.actual)}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
