"""Whole Dockerfiles: the reference's tree, typed instructions, errors, lint, and the image config that they give.

Messages are compared by meaning only (that there is an error, which rule it is), places and values exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.lower.plan import lower_all
from dockerlang.diagnostics import Diagnostic
from dockerlang.oci.platform import Platform
from dockerlang.semantics.frontend import DetectedDirective, detect_checks, detect_frontend
from dockerlang.syntax import nodes, parse, problems
from dockerlang.syntax.check import PARSE_PHASE
from tests.conformance import lint
from tests.conformance.outcome import Outcome
from tests.conformance.reference_stages import stages_of
from tests.conformance.reference_tree import Json, dump_of, lines_of, nodes_of, warnings_of
from tests.conformance.stub_images import StubImages

_PLATFORM = Platform("linux", "amd64")


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case."""
    for case in json.loads(cases_file.read_text("utf-8"))["cases"]:
        expected = _without_words({name: case[name] for name in ("parse", "directives", "convert")})
        actual = _actual(case["input"])
        if "error" in expected["convert"] and expected["convert"]["error_lines"] is None:
            # Where the reference names no place we may well name one.
            actual["convert"].pop("error_lines", None)
            del expected["convert"]["error_lines"]
        yield Outcome(case["name"], expected, actual)


def _without_words(expected: Mapping[str, Any]) -> Json:
    """The expectation without the wording of messages."""
    parse_part, convert = dict(expected["parse"]), dict(expected["convert"])
    for part, names in ((parse_part, ("parse_error", "instruction_error")), (convert, ("error",))):
        part.update({name: True for name in names if name in part})
        part["error_lines"] = _unique(part.get("error_lines"))
        if "lint" in part:
            part["lint"] = lint.without_words(part["lint"])
    if "image" in convert:
        convert["image"] = _without_nulls(convert["image"])
    return {**expected, "parse": parse_part, "convert": convert}


def _without_nulls(image: Json) -> Json:
    """The config with `[]` for an empty list: the reference writes null there, which strict readers refuse."""
    rootfs = {**image["rootfs"], "diff_ids": image["rootfs"]["diff_ids"] or []}
    return {**image, "rootfs": rootfs, "history": image.get("history") or []}


def _unique(lines: list[list[int]] | None) -> list[list[int]] | None:
    """Places in order, each once."""
    return None if lines is None else [list(place) for place in dict.fromkeys(map(tuple, lines))]


def _actual(text: str) -> Json:
    document = parse(text)
    found = problems(document)
    broken = [problem for problem in found if problem.code in PARSE_PHASE]
    return {
        "parse": _parsed(document, broken, found),
        "directives": {
            "syntax": _directive(detect_frontend(text), "cmdline"),
            "check": _directive(detect_checks(text), "value"),
        },
        "convert": _converted(document, broken or list(found)),
    }


def _directive(directive: DetectedDirective | None, value_name: str) -> Json:
    return {
        "ok": directive is not None,
        "ref": "" if directive is None else directive.reference,
        value_name: "" if directive is None else directive.value,
        "lines": None if directive is None or directive.line is None else [directive.line],
    }


# ---------------------------------------------------------------- what was read


def _parsed(document: nodes.Document, broken: list[Diagnostic], found: tuple[Diagnostic, ...]) -> Json:
    if broken:
        return {"parse_error": True, "error_lines": _error_lines(document, broken[0])}
    tree = nodes_of(document)
    parsed = {
        "ast": tree,
        "dump": dump_of(tree),
        "escape": document.escape,
        "warnings": warnings_of(document) or None,
    }
    if found:
        return {**parsed, "instruction_error": True, "error_lines": _error_lines(document, found[0])}
    stages, meta_args = stages_of(document)
    return {
        **parsed,
        "stages": stages or None,
        "meta_args": meta_args,
        "lint": lint.instruction_phase(document),
        "error_lines": None,
    }


def _error_lines(document: nodes.Document, problem: Diagnostic) -> list[list[int]]:
    """The lines that the reference names: all those of the instructions at fault."""
    index = document.source.lines
    places = [problem.span, *(label.span for label in problem.labels)]
    lines: list[list[int]] = []
    for span in places:
        instruction = _instruction_at(document, span.start)
        if instruction is not None:
            lines.append(lines_of(instruction, index))
        else:
            # The reference counts the lines of directives from 0.
            is_directive = problem.code in ("bad-escape", "repeated-directive")
            lines.append([index.line_of(span.start) + (0 if is_directive else 1)])
    return _unique(lines) or []


def _instruction_at(document: nodes.Document, offset: int) -> nodes.Instruction | None:
    return next((each for each in document.instructions if offset in each.span), None)


# ---------------------------------------------------------------- what it gives


def _converted(document: nodes.Document, found: list[Diagnostic]) -> Json:
    if found:
        return _failed(document, found[0])
    try:
        states = lower_all(document, BuildOptions(platform=_PLATFORM), StubImages())
    except BuildFailure as failure:
        return _failed(document, failure.diagnostics[0])
    if lint.fails_the_build(document):
        return {"error": True, "lint": lint.all_checks(document), "error_lines": None}
    image = json.loads(states[-1].image.to_bytes())
    return {"image": _without_nulls(image), "lint": lint.all_checks(document), "error_lines": None}


def _failed(document: nodes.Document, problem: Diagnostic) -> Json:
    return {"error": True, "error_lines": _error_lines(document, problem), "lint": lint.all_checks(document, problem)}
