"""Every place of a Dockerfile where a stage or a variable is named, and which one is meant there.

Definition, references and all that follows from them are questions to this one list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlang.ide.shell_variables import shell_variables
from dockerlang.records import record
from dockerlang.semantics.excerpts import around
from dockerlang.semantics.scopes import Binding
from dockerlang.semantics.stages import Stage, StageOrder, Stages, StageUse, UnknownStage, stage_uses
from dockerlang.semantics.static_scopes import StaticScopes, static_scopes
from dockerlang.syntax import nodes
from dockerlang.syntax.walk import walk
from dockerlang.text import Span


@record
class StageTarget:
    """A stage, by its index."""

    index: int


@record
class VariableTarget:
    """A variable: all settings of a name that can be seen from one another. `first` is the offset of the first one."""

    name: str
    first: int


Target = StageTarget | VariableTarget


@record
class Occurrence:
    """A name in the text. `is_definition`: it sets or declares what it names. `definition` is the place that decides
    what is meant here: for a use the setting that it sees, for a setting the one that it builds upon, or itself."""

    span: Span
    target: Target
    is_definition: bool
    definition: Span


def occurrences(document: nodes.Document) -> tuple[Occurrence, ...]:
    """All of them, in the order of their places."""
    scopes = static_scopes(document)
    found = [*_stages(scopes.stages, scopes), *_variables(document, scopes)]
    return tuple(sorted(found, key=lambda occurrence: occurrence.span))


def occurrence_at(document: nodes.Document, offset: int) -> Occurrence | None:
    """The occurrence that a cursor at `offset` touches; where two meet, the one that begins there."""
    touched = [occurrence for occurrence in occurrences(around(document, offset)) if occurrence.span.touches(offset)]
    return max(touched, key=lambda occurrence: occurrence.span.start, default=None)


# ---------------------------------------------------------------- stages


def stage_name_span(stage: Stage) -> Span:
    """Where a stage is named; for one without a name, its keyword."""
    instruction = stage.instruction
    return instruction.stage.span if instruction.stage is not None else instruction.keyword.span


def _stages(stages: Stages, scopes: StaticScopes) -> Iterator[Occurrence]:
    for stage in stages:
        place = stage_name_span(stage)
        yield Occurrence(place, StageTarget(stage.index), is_definition=True, definition=place)
        image = stage.instruction.image
        base = scopes.base_of(stage)
        if image is not None and image.is_plain and base is not None:
            yield _stage_use(image.span, base)
        for use in stage_uses(stage):
            source = _source(stages, use, stage)
            if source is not None:
                yield _stage_use(use.span, source)


def _source(stages: Stages, use: StageUse, user: Stage) -> Stage | None:
    try:
        return stages.source_of(use.name, user) if use.may_be_index else stages.mount_source_of(use.name, user)
    except StageOrder as error:
        # The name is right, only its place is wrong.
        return error.stage
    except UnknownStage:
        return None


def _stage_use(span: Span, stage: Stage) -> Occurrence:
    return Occurrence(span, StageTarget(stage.index), is_definition=False, definition=stage_name_span(stage))


# ---------------------------------------------------------------- variables


def _variables(document: nodes.Document, scopes: StaticScopes) -> Iterator[Occurrence]:
    targets: dict[int, VariableTarget] = {}
    for instruction in document.instructions:
        bindings = scopes.at(instruction).bindings
        match instruction:
            case nodes.Arg():
                yield from _arguments(instruction, bindings, scopes, targets)
            case nodes.Env():
                yield from _uses(instruction, bindings, targets)
                for pair in instruction.pairs:
                    if pair.name.is_plain:
                        yield _setting(pair.name.text, pair.name.span, bindings.get(pair.name.text), targets)
            case nodes.OnBuild():
                # A trigger is expanded in the build that it runs in, not here.
                pass
            case _:
                yield from _uses(instruction, bindings, targets)
                for variable in shell_variables(instruction):
                    yield from _use(variable.name, variable.span, bindings, targets)


def _arguments(
    instruction: nodes.Arg, bindings: Mapping[str, Binding], scopes: StaticScopes, targets: dict[int, VariableTarget]
) -> Iterator[Occurrence]:
    on_this_line: dict[str, Occurrence] = {}
    for declaration in instruction.declarations:
        if declaration.value is not None:
            for variable in _variables_in(declaration.value):
                earlier = on_this_line.get(variable.name)
                if earlier is not None:
                    yield Occurrence(variable.name_span, earlier.target, is_definition=False, definition=earlier.span)
                else:
                    yield from _use(variable.name, variable.name_span, bindings, targets)
        name = declaration.name
        before = _in_file(bindings.get(name.text)) or _in_file(scopes.globals.bindings.get(name.text), name.span)
        setting = _setting(name.text, name.span, before, targets)
        on_this_line[name.text] = setting
        yield setting


def _in_file(binding: Binding | None, before: Span | None = None) -> Binding | None:
    """The binding if an instruction of this file made it, and, where `before` is given, made it earlier."""
    if binding is None or binding.span is None or (before is not None and binding.span.start >= before.start):
        return None
    return binding


def _setting(name: str, span: Span, before: Binding | None, targets: dict[int, VariableTarget]) -> Occurrence:
    """An ARG or ENV; it belongs to the same variable as the setting that it takes over from."""
    earlier = before.span if before is not None else None
    target = targets.get(earlier.start) if earlier is not None else None
    targets[span.start] = target or VariableTarget(name, span.start)
    return Occurrence(span, targets[span.start], is_definition=True, definition=earlier if target and earlier else span)


def _uses(
    instruction: nodes.Instruction, bindings: Mapping[str, Binding], targets: Mapping[int, VariableTarget]
) -> Iterator[Occurrence]:
    for variable in _variables_in(instruction):
        yield from _use(variable.name, variable.name_span, bindings, targets)


def _use(
    name: str, span: Span, bindings: Mapping[str, Binding], targets: Mapping[int, VariableTarget]
) -> Iterator[Occurrence]:
    binding = bindings.get(name)
    if binding is not None and binding.span is not None and binding.span.start in targets:
        yield Occurrence(span, targets[binding.span.start], is_definition=False, definition=binding.span)


def _variables_in(node: nodes.Node) -> Iterator[nodes.Variable]:
    return (found for found in walk(node) if isinstance(found, nodes.Variable))
