"""The build cache: build, change one thing, build again; which steps of the second build stay cached. Needs root.

The daemon of the records had seen all cases before, with another word in the place of `SALT`, which keeps apart what is
run: whatever does not depend on that word was cached. So all cases are built twice here, in one store, and the second
time counts.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from dockerlang.builder.events import StepFailed, StepFinished
from dockerlang.errors import DockerlangError
from tests.conformance.contexts import CONTEXT_TIME, write_context
from tests.conformance.outcome import Outcome
from tests.conformance.reference_tree import Json
from tests.conformance.suites.builds import without_numbers
from tests.conformance.workshop import Bench, Unsupported, Workshop, attempt

_SALT = "SALT"
_FIRST_STAGE = "[stage-0] "
_LATER = 1_600_000_000


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case."""
    with Workshop() as workshop:
        bench = workshop.bench()
        cases = json.loads(cases_file.read_text("utf-8"))["cases"]
        for number, case in enumerate(cases):
            attempt(partial(_twice, case, bench, f"before{number}"))
        for number, case in enumerate(cases):
            steps = sorted([_name(name), state] for name, state in case["steps"].items())
            expected = {"rc": case["rc"], "steps": steps}
            yield Outcome(case["name"], expected, attempt(partial(_twice, case, bench, f"salt{number}")))


def _twice(case: Json, bench: Bench, salt: str) -> Json:
    first_status, _ = _build(case["first"], bench, salt)
    _change(case["name"], bench.directory / "context" / "f")
    second_status, steps = _build(case["second"], bench, salt)
    return {"rc": [first_status, second_status], "steps": steps}


def _change(name: str, path: Path) -> None:
    """What is changed between the two builds where the record leaves it to the name of the case."""
    match name:
        case "mtime_only" | "bind_mtime":
            os.utime(path, (_LATER, _LATER))
        case "mode_change":
            path.chmod(0o755)
        case "owner_change":
            os.chown(path, 1234, 1234)
        case "content_same_newinode_touch":
            copy = path.with_name(f"{path.name}.new")
            shutil.copy(path, copy)
            copy.replace(path)


def _name(name: str) -> str:
    """A step's name without its number, and without the name of a first stage that has none."""
    return without_numbers(name).removeprefix(_FIRST_STAGE)


def _build(build: Json, bench: Bench, salt: str) -> tuple[int, list[list[str]]]:
    """The exit status, and each step with how it came about."""
    context = bench.directory / "context"
    if build["files"] is not None:
        shutil.rmtree(context, ignore_errors=True)
        write_context(context, _salted(build["files"], salt))
    dockerfile = context / "Dockerfile"
    dockerfile.write_text(build["dockerfile"].replace(_SALT, salt))
    os.utime(dockerfile, (CONTEXT_TIME, CONTEXT_TIME))
    build_args, options = _options(build["opts"])
    states: list[list[str]] = []
    try:
        built = bench.build(context, build_args=build_args, options=options)
    except DockerlangError:
        return 1, states
    for event in built.events:
        if isinstance(event, StepFinished | StepFailed) and event.vertex.origin is not None:
            is_cached = isinstance(event, StepFinished) and event.is_cached
            name = _name(event.vertex.name).replace(salt, _SALT)
            states.append([name, "CACHED" if is_cached else "RAN"])
    return 0, sorted(states)


def _salted(rows: list[list[object]], salt: str) -> list[list[object]]:
    return [[value.replace(_SALT, salt) if isinstance(value, str) else value for value in row] for row in rows]


def _options(words: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    build_args: dict[str, str] = {}
    options: dict[str, str] = {}
    for word in words:
        name, has_value, value = word.partition("=")
        kind, _, detail = name.partition(":")
        if kind == "build-arg" and has_value:
            build_args[detail] = value
        elif has_value:
            options[name] = value
        else:
            raise Unsupported(word)
    return build_args, options
