"""Diagnostics as SARIF 2.1.0, the exchange format that code hosts read; section numbers are the standard's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from dockerlang import __version__
from dockerlang.cli.output.printable import printable
from dockerlang.diagnostics import Diagnostic, Fix, Severity
from dockerlang.linter.catalog import Catalog
from dockerlang.text import Source, Span

Json = dict[str, Any]

_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.STYLE: "note",
}
_DRIVER = {
    "name": "dockerlang",
    "fullName": "dockerlang lint",
    "shortDescription": {"text": "Finds mistakes in Dockerfiles: hadolint's rules, BuildKit's checks, ShellCheck"},
}
_SHELLCHECK = re.compile(r"SC\d+")


def as_sarif(reports: Iterable[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """One run with all findings, and the rules that they break."""
    rules: list[Json] = []
    indexes: dict[str, int] = {}
    results = []
    for source, diagnostics in reports:
        for diagnostic in diagnostics:
            if diagnostic.code not in indexes:
                indexes[diagnostic.code] = len(rules)
                rules.append(_rule(diagnostic))
            results.append(_result(source, diagnostic, indexes[diagnostic.code]))
    run = {
        "tool": {"driver": {**_DRIVER, "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "defaultSourceLanguage": "dockerfile",
        "results": results,
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=2)


def _rule(diagnostic: Diagnostic) -> Json:
    """3.49: what is known of the rule behind a finding."""
    rule = Catalog.load().by_code.get(diagnostic.code)
    described: Json = {"id": diagnostic.code, "defaultConfiguration": {"level": _LEVELS[diagnostic.severity]}}
    if rule is not None:
        described["name"] = rule.name
        described["shortDescription"] = {"text": rule.title}
        described["fullDescription"] = {"text": rule.title}
        described["help"] = {"text": rule.page, "markdown": rule.page}
        described["defaultConfiguration"] = {"level": _LEVELS[rule.severity]}
    if diagnostic.url:
        described["helpUri"] = diagnostic.url
    return described


def _result(source: Source, diagnostic: Diagnostic, index: int) -> Json:
    """3.27: one finding."""
    parts = (diagnostic.message, diagnostic.note, diagnostic.help)
    result: Json = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": ". ".join(printable(part) for part in parts if part)},
        "locations": [_location(source, diagnostic.span)],
    }
    region: Json = result["locations"][0]["physicalLocation"]["region"]
    region["sourceLanguage"] = "sh" if _SHELLCHECK.fullmatch(diagnostic.code) else "dockerfile"
    if diagnostic.labels:
        result["relatedLocations"] = [
            {**_location(source, label.span), "message": {"text": printable(label.message)}}
            for label in diagnostic.labels
        ]
    if diagnostic.fixes:
        result["fixes"] = [_fix(source, fix) for fix in diagnostic.fixes]
    return result


def _location(source: Source, span: Span) -> Json:
    return {"physicalLocation": {"artifactLocation": _artifact(source), "region": _region(source, span)}}


def _artifact(source: Source) -> Json:
    return {"uri": quote(source.name.replace("\\", "/"), safe="/:", errors="surrogateescape")}


def _region(source: Source, span: Span) -> Json:
    """3.30: lines and columns from 1, the end column behind the last character."""
    start, end = source.lines.position(span.start), source.lines.position(span.end)
    return {
        "startLine": start.line + 1,
        "startColumn": start.column + 1,
        "endLine": end.line + 1,
        "endColumn": end.column + 1,
    }


def _fix(source: Source, fix: Fix) -> Json:
    """3.55: the edits of a fix."""
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.replacement}}
        for edit in fix.edits
    ]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": _artifact(source), "replacements": replacements}],
    }
