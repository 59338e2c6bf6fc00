"""Upstream's tables about reading a Dockerfile, and what depends on nothing else: a function for each kind of case.

Errors are compared by meaning. Of a table that records only some fields, only those are compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.conformance.outcome import Outcome
from tests.conformance.suites import parse_builds, parse_syntax, parse_values

Case = Mapping[str, Any]
Compare = Callable[[Case], tuple[object, object]]

_KINDS: Mapping[str, Compare] = {**parse_syntax.KINDS, **parse_values.KINDS, **parse_builds.KINDS}


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case; a kind that is not known fails."""
    for number, case in enumerate(json.loads(cases_file.read_text("utf-8"))["cases"]):
        compare = _KINDS.get(case["kind"])
        expected, actual = compare(case) if compare else ("a kind this suite knows", "unknown")
        key = f"{case['kind']} {case['name']}"
        yield Outcome(f"{key} [{number}]", expected, actual, by_design_key=key)
