"""Findings of the linter's BuildKit rules in the terms of the recorded cases: rule and lines, without the words."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter import buildkit
from dockerlang.linter.suppress import Suppressions
from dockerlang.linter.surroundings import Surroundings
from dockerlang.semantics.ignore import IgnoreFile
from dockerlang.syntax import nodes
from tests.conformance.reference_tree import Json


def without_words(findings: Iterable[Json] | None) -> list[Json]:
    """Recorded findings without their messages, in a fixed order."""
    return _ordered({"rule": finding["rule"], "lines": finding["lines"]} for finding in findings or ())


def instruction_phase(document: nodes.Document) -> list[Json]:
    """What the checks of the instruction phase find."""
    return _described(document, buildkit.instruction_phase(document))


def all_checks(
    document: nodes.Document, error: Diagnostic | None = None, ignore_file: IgnoreFile | None = None
) -> list[Json]:
    """What all checks find; `error` is where the reference stops."""
    surroundings = Surroundings(ignore_file=ignore_file, environment_of=buildkit.PATH_ALONE.environment_of)
    return _described(document, buildkit.all_checks(document, surroundings, error=error))


def fails_the_build(document: nodes.Document) -> bool:
    """Whether a `check` directive makes an error of what the checks find."""
    return Suppressions(document).check.is_error and bool(all_checks(document))


def _described(document: nodes.Document, findings: Iterable[Diagnostic]) -> list[Json]:
    return _ordered(
        {"rule": finding.code, "lines": list(buildkit.reference_lines(document, finding))} for finding in findings
    )


def _ordered(findings: Iterable[Json]) -> list[Json]:
    return sorted(findings, key=lambda finding: (finding["lines"], finding["rule"]))
