"""Scopes for those who only read a file: linter and editor. Never fails; what cannot be known has no value.

Defaults stand for what a build may be given, and a base image may set variables that nobody here has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from dockerlang.oci.platform import Platform
from dockerlang.records import record
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.scopes import (
    Binding,
    BindingKind,
    GlobalScope,
    StageScope,
    automatic_scope,
    first_scope,
    global_argument,
    stage_argument,
    with_global_argument,
)
from dockerlang.semantics.stages import Stage, Stages, split_stages
from dockerlang.syntax import nodes

BaseEnvironment = Callable[[str], Mapping[str, str] | None]


def unknown_image(_image: str) -> Mapping[str, str] | None:
    """What is known of the environment of images where none is at hand: nothing."""
    return None


@record
class StaticScopes:
    """What each line of a document sees. Of FROM and global ARG lines, that are the global names.

    A stage built on one of the same file sees what the ONBUILD triggers of that one set, too.
    """

    stages: Stages
    globals: GlobalScope
    _before: Mapping[int, StageScope] = field(repr=False)
    _images: Mapping[int, str | None] = field(repr=False)
    _first: Mapping[int, StageScope] = field(repr=False)

    def at(self, instruction: nodes.Instruction) -> StageScope:
        """The names visible to an instruction of the document (or a trigger in it), before it takes effect."""
        return self._before.get(id(instruction)) or _as_stage_scope(self.globals)

    def first(self, stage: Stage) -> StageScope:
        """The names right behind the FROM of a stage."""
        return self._first[stage.index]

    def step(self, scope: StageScope, instruction: nodes.Instruction) -> StageScope:
        """The names after an instruction that sees these; what is wrong in it is left out."""
        return _after(scope, instruction, self.globals)

    def after(self, stage: Stage) -> StageScope:
        """The names at the end of a stage, which those built on it inherit."""
        return self._before[id(stage)]

    def image_of(self, stage: Stage) -> str | None:
        """The image (or stage) that FROM names, expanded; None where it is missing or cannot be expanded."""
        return self._images[stage.index]

    def base_of(self, stage: Stage) -> Stage | None:
        """The earlier stage that FROM names; None where it names an image."""
        image = self.image_of(stage)
        return None if image is None else self.stages.base_of(stage, image)


def static_scopes(
    document: nodes.Document,
    base_environment: BaseEnvironment = unknown_image,
    build_args: Mapping[str, str] | None = None,
    target: Platform | None = None,
    target_stage: str = "",
) -> StaticScopes:
    """The scopes of a document; `base_environment` says what an image sets, None for an image that is not known."""
    stages = split_stages(document)
    before: dict[int, StageScope] = {}
    global_names = automatic_scope(build_args or {}, target, target_stage=target_stage)
    for arg in stages.global_args:
        before[id(arg)] = _as_stage_scope(global_names)
        global_names = _after_global(global_names, arg)
    images: dict[int, str | None] = {}
    first: dict[int, StageScope] = {}
    for stage in stages:
        image = images[stage.index] = _image(stage, global_names)
        base = None if image is None else stages.base_of(stage, image)
        if base is None:
            scope = _first(image, base_environment)
        else:
            scope = before[id(base)]
            for _, trigger in triggers_for(base):
                scope = _after(scope, trigger, global_names)
        first[stage.index] = scope
        before[id(stage.instruction)] = _as_stage_scope(global_names)
        for instruction in stage.instructions:
            before[id(instruction)] = scope
            if isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
                before[id(instruction.trigger)] = scope
            scope = _after(scope, instruction, global_names)
        before[id(stage)] = scope
    return StaticScopes(stages, global_names, before, images, first)


def triggers_for(base: Stage) -> tuple[tuple[nodes.OnBuild, nodes.Instruction], ...]:
    """What runs first in the stages built on a stage: its ONBUILD instructions, each with its trigger."""
    found = (each for each in base.instructions if isinstance(each, nodes.OnBuild))
    return tuple((each, each.trigger) for each in found if each.trigger is not None)


def _as_stage_scope(scope: GlobalScope) -> StageScope:
    return StageScope(scope.environment, scope.bindings)


def _first(image: str | None, base_environment: BaseEnvironment) -> StageScope:
    if image == "scratch":
        return first_scope({})
    return first_scope(base_environment(image) if image else None)


def _image(stage: Stage, scope: GlobalScope) -> str | None:
    if stage.instruction.image is None:
        return None
    try:
        return expand(stage.instruction.image, scope.environment).text
    except ExpansionError:
        return None


def _after_global(scope: GlobalScope, instruction: nodes.Arg) -> GlobalScope:
    for declaration in instruction.declarations:
        try:
            value = global_argument(declaration, scope)
        except ExpansionError:
            value = None
        scope = with_global_argument(scope, declaration, value, instruction)
    return scope


def _after(scope: StageScope, instruction: nodes.Instruction, global_names: GlobalScope) -> StageScope:
    """The scope after an instruction, of which each part that fails is left out on its own."""
    try:
        return scope.after(instruction, global_names)
    except ExpansionError:
        return _after_mistake(scope, instruction, global_names)


def _after_mistake(scope: StageScope, instruction: nodes.Instruction, global_names: GlobalScope) -> StageScope:
    after = scope
    match instruction:
        case nodes.Arg():
            for declaration in instruction.declarations:
                name = declaration.name
                try:
                    value = stage_argument(declaration, after.environment, global_names)
                except ExpansionError:
                    value = None
                binding = Binding(name.text, BindingKind.ARG, value, name.span, instruction)
                after = after.with_argument(name.text).with_binding(binding)
        case nodes.Env():
            for pair in instruction.pairs:
                binding = Binding(pair.name.text, BindingKind.ENV, "", pair.name.span, instruction)
                after = after.with_binding(binding)
    return after
