"""Findings of the linter's BuildKit rules in the terms of the recorded cases: rule and lines, without the words."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import Any

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from tests.conformance.reference_tree import Json

_MODULE = "dockerlang.linter.buildkit"


def without_words(findings: list[Json] | None) -> list[Json]:
    """Recorded findings without their messages, in a fixed order."""
    return _ordered({"rule": finding["rule"], "lines": finding["lines"]} for finding in findings or ())


def instruction_phase(document: nodes.Document, error: Diagnostic | None = None) -> list[Json] | str:
    """What the checks of the instruction phase find."""
    module = _rules()
    return _described(module, document, module.instruction_phase(document)) if module else "not there yet"


def all_checks(document: nodes.Document, error: Diagnostic | None = None) -> list[Json] | str:
    """What all checks find; `error` is where the reference stops."""
    module = _rules()
    return _described(module, document, module.all_checks(document, error=error)) if module else "not there yet"


def _rules() -> ModuleType | None:
    return importlib.import_module(_MODULE) if importlib.util.find_spec(_MODULE) else None


def _described(module: ModuleType, document: nodes.Document, findings: tuple[Diagnostic, ...]) -> list[Json]:
    return _ordered(
        {"rule": finding.code, "lines": list(module.reference_lines(document, finding))} for finding in findings
    )


def _ordered(findings: Any) -> list[Json]:
    return sorted(findings, key=lambda finding: (finding["lines"], finding["rule"]))
