"""`.dockerignore`: reading the file, compiling a pattern, and matching paths."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dockerlang.semantics.gomatch import clean_path
from dockerlang.semantics.ignore import Matcher, read_ignore
from dockerlang.semantics.ignore_pattern import InvalidIgnorePattern, PatternKind, compile_pattern
from tests.conformance.outcome import Outcome

Case = Mapping[str, Any]

_KIND_NAMES = {
    PatternKind.EXACT: "exactMatch",
    PatternKind.PREFIX: "prefixMatch",
    PatternKind.SUFFIX: "suffixMatch",
    PatternKind.REGEX: "regexpMatch",
}


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case; errors are compared as such, not by their words."""
    for case in json.loads(cases_file.read_text("utf-8"))["cases"]:
        given = case.get("patterns", case.get("input"))
        expected: object = "error" if case.get("error") else case.get("expect")
        yield Outcome(f"{case['suite']} {given} {case.get('path', '')}", expected, _actual(case))


def _actual(case: Case) -> object:
    try:
        match case["op"]:
            case "match_or_parent" | "match_clean":
                path = clean_path(case["path"])
                return path != "." and Matcher.of(case["patterns"]).matches(path)
            case "compile":
                pattern = compile_pattern(case["patterns"][0])
                assert pattern is not None
                return {
                    "type": f"{pattern.kind.value}Match".replace("regexM", "regexpM"),
                    "regexp": pattern.regex or None,
                }
            case "read_ignore":
                return [pattern.text for pattern in read_ignore(case["input"]).patterns]
            case operation:
                return f"the operation {operation} is unknown to this suite"
    except InvalidIgnorePattern:
        return "error"
