"""Cases that need more than the file: conversion, lint with its surroundings, and builds that fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.lower.plan import lower_all
from dockerlang.oci.platform import Platform
from dockerlang.semantics.ignore import read_ignore
from dockerlang.syntax import nodes, parse
from tests.conformance import lint
from tests.conformance.contexts import write_context
from tests.conformance.reference_tree import lines_of
from tests.conformance.stub_images import StubImages
from tests.conformance.workshop import Workshop

Case = Mapping[str, Any]
Compared = tuple[object, object]


def _convert(case: Case) -> Compared:
    try:
        lower_all(parse(case["input"]), BuildOptions(platform=Platform("linux", "amd64")), StubImages())
    except BuildFailure:
        return case["expect"]["ok"], False
    return case["expect"]["ok"], True


def _error_lines(case: Case) -> Compared:
    """The lines of the instruction at which a build fails. Needs root."""
    with Workshop() as workshop:
        bench = workshop.bench()
        context = bench.directory / "context"
        write_context(context, [["file", "Dockerfile", case["input"], 0o644]])
        try:
            bench.build(context)
        except BuildFailure as failure:
            start = failure.diagnostics[0].span.start
            document = parse(case["input"])
            places = [lines_of(each, document.source.lines) for each in document.instructions if start in each.span]
            return case["expect"], places[0] if places else [document.source.lines.line_of(start) + 1]
    return case["expect"], None


def _lint(case: Case) -> Compared:
    expect = case["expect"]
    # Where both are recorded, the second holds the findings of all stages, the first those of the last one.
    recorded = expect.get("UnmarshalWarnings") or expect.get("Warnings") or []
    ignore_file = read_ignore(expect["DockerIgnore"]) if "DockerIgnore" in expect else None
    document = parse(case["input"])
    checks = expect.get("FrontendAttrs", {}).get("build-arg:BUILDKIT_DOCKERFILE_CHECK")
    if checks is not None:
        document = parse(_with_checks(document, checks))
    found = lint.all_checks(document, ignore_file=ignore_file)
    return sorted(map(_rule_and_line, recorded)), sorted((finding["rule"], finding["lines"][0]) for finding in found)


def _with_checks(document: nodes.Document, checks: str) -> str:
    """The text with other options in its check directive, as the build argument puts them in its place."""
    span = next(directive.value.span for directive in document.directives if directive.name == "check")
    text = document.source.text
    return text[: span.start] + checks + text[span.end :]


def _rule_and_line(warning: Case) -> tuple[str, int]:
    if "$call" in warning:  # the only test that makes its warnings with a function of its own
        return "MultipleInstructionsDisallowed", warning["args"][1]
    return warning["RuleName"], warning["Line"]


KINDS: Mapping[str, Callable[[Case], Compared]] = {
    "convert": _convert,
    "error_lines": _error_lines,
    "lint": _lint,
}
