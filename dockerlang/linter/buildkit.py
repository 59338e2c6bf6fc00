"""BuildKit's own 22 checks as BuildKit reports them: which phase finds what, and what is still found before an error.

The reference reads a file in phases and stops at its first error; whatever its later phases would find stays unsaid.
The linter itself says everything at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter.catalog import Catalog
from dockerlang.linter.engine import lint
from dockerlang.linter.rule import Family
from dockerlang.linter.settings import Settings
from dockerlang.linter.suppress import ALL, Suppressions
from dockerlang.linter.surroundings import Surroundings
from dockerlang.records import replace
from dockerlang.syntax import nodes
from dockerlang.syntax.check import PARSE_PHASE, problems
from dockerlang.text import Span


class Phase(IntEnum):
    """When a check speaks: while lines are joined, while instructions are typed, and while the build is prepared."""

    LINES = 1
    INSTRUCTIONS = 2
    FILE = 3
    BASES = 4
    STEPS = 5


_PHASES = {
    "NoEmptyContinuation": Phase.LINES,
    "StageNameCasing": Phase.INSTRUCTIONS,
    "FromAsCasing": Phase.INSTRUCTIONS,
    "MaintainerDeprecated": Phase.INSTRUCTIONS,
    "InvalidDefinitionDescription": Phase.INSTRUCTIONS,
    "ReservedStageName": Phase.FILE,
    "DuplicateStageName": Phase.FILE,
    "ConsistentInstructionCasing": Phase.FILE,
    "InvalidDefaultArgInFrom": Phase.FILE,
    "UndefinedArgInFrom": Phase.BASES,
    "RedundantTargetPlatform": Phase.BASES,
    "FromPlatformFlagConstDisallowed": Phase.BASES,
}
# Errors about the graph of stages and about images: found when all FROM lines are read and no step is yet looked at.
_GRAPH_ERRORS = frozenset({"unknown-stage", "stage-order", "stage-cycle", "no-image"})


def _path_alone(_image: str) -> Mapping[str, str]:
    """The environment of an image that sets nothing but PATH."""
    return {}


PATH_ALONE = Surroundings(environment_of=_path_alone)


def instruction_phase(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """What the instruction phase alone finds; the `check` directive has no say there."""
    items = (item for item in document.items if not isinstance(item, nodes.Directive) or item.name != "check")
    without = replace(document, items=tuple(items))
    return tuple(found for found in _checks(without, PATH_ALONE) if _phase(found) is Phase.INSTRUCTIONS)


def all_checks(
    document: nodes.Document, surroundings: Surroundings = PATH_ALONE, error: Diagnostic | None = None
) -> tuple[Diagnostic, ...]:
    """What all checks find in a whole build of the file; with an `error`, what is found before it ends the build.

    Base images of which nothing is known are taken to set PATH alone.
    """
    found = _checks(document, surroundings)
    if error is None:
        return found
    return tuple(finding for finding in found if _comes_before(document, finding, error))


def reference_lines(document: nodes.Document, finding: Diagnostic) -> tuple[int, ...]:
    """The lines, counted from 1, that the reference gives for a finding: all lines of the instruction.

    An empty continuation line is reported at the last line of its instruction.
    """
    lines = document.source.lines
    instruction = _instruction_at(document, finding.span)
    if instruction is None:
        return (lines.line_of(finding.span.start) + 1,)
    first = lines.line_of(instruction.span.start) + 1
    last = lines.line_of(max(instruction.span.end - 1, instruction.span.start)) + 1
    return (last,) if finding.code == "NoEmptyContinuation" else tuple(range(first, last + 1))


def _checks(document: nodes.Document, surroundings: Surroundings) -> tuple[Diagnostic, ...]:
    rules = [rule for rule in Catalog.load().rules if rule.family is Family.BUILDKIT]
    experiments = Suppressions(document).check.experimental
    codes = frozenset(rule.code for rule in rules if rule.is_default or {rule.code.lower(), ALL} & experiments)
    settings = Settings(select=codes, honours_pragmas=False)
    return tuple(found for found in lint(document, settings, surroundings) if found.code in codes)


def _phase(finding: Diagnostic) -> Phase:
    return _PHASES.get(finding.code, Phase.STEPS)


def _instruction_at(document: nodes.Document, span: Span) -> nodes.Instruction | None:
    return next((found for found in document.instructions if span.start in found.span), None)


def _comes_before(document: nodes.Document, finding: Diagnostic, error: Diagnostic) -> bool:
    """Whether the reference says `finding` before it stops at `error`."""
    if error.code in PARSE_PHASE:
        return False
    phase = _phase(finding)
    place = _instruction_at(document, error.span)
    end = place.span.end if place is not None else error.span.end
    if any(problem.code == error.code and problem.span == error.span for problem in problems(document)):
        return phase is Phase.LINES or (phase is Phase.INSTRUCTIONS and finding.span.start < end)
    if isinstance(place, nodes.From) and error.code not in _GRAPH_ERRORS:
        return phase < Phase.BASES or (phase is Phase.BASES and finding.span.start < end)
    if error.code in _GRAPH_ERRORS:
        return phase < Phase.STEPS
    start = place.span.start if place is not None else error.span.start
    return phase < Phase.STEPS or finding.span.end <= start
