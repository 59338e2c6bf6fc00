"""Which variables are visible where, and what they are: global arguments, and the variables of a stage line by line.

Of ARG and ENV the last writer wins, in both directions; section 1.10 of the language. All values here are immutable: an
instruction makes a new scope out of the one before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from dockerlang.oci.platform import Platform, host_platform
from dockerlang.records import record, replace
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.predefined import DEFAULT_PATH, automatic_values, is_in_environment
from dockerlang.semantics.stages import Stages
from dockerlang.syntax import nodes
from dockerlang.text import Span

_NOTHING: Mapping[str, str] = MappingProxyType({})


class BindingKind(Enum):
    """What gave a name its value."""

    AUTOMATIC = "automatic argument"
    GLOBAL_ARG = "global argument"
    ARG = "argument"
    ENV = "environment variable"
    BASE_IMAGE = "environment variable of the base image"


@record
class Binding:
    """A name and where it was set; `value` is None where it has none or it cannot be known.

    `span` is the name at the place that set it, None where no line of the file did.
    """

    name: str
    kind: BindingKind
    value: str | None
    span: Span | None = None
    instruction: nodes.Instruction | None = field(default=None, repr=False)


@record
class GlobalScope:
    """What FROM lines see: automatic arguments, and those declared before the first FROM.

    `environment` has those with a value; `bindings` the declared ones, with or without. `build_args` are the values
    given from outside; a name among them that nothing declares is visible nowhere.
    """

    environment: Mapping[str, str]
    bindings: Mapping[str, Binding]
    build_args: Mapping[str, str] = field(default_factory=dict)


@record
class StageScope:
    """What one line of a stage sees.

    `arguments` are the ARGs declared so far in this stage and those below it, each once, in order. `is_complete` is
    false where the base image is unknown: it may set more than `environment` has.
    """

    environment: Mapping[str, str]
    bindings: Mapping[str, Binding]
    arguments: tuple[str, ...] = ()
    is_complete: bool = True

    def after(self, instruction: nodes.Instruction, scope: GlobalScope) -> StageScope:
        """The scope that the next line sees. Only ARG and ENV change it. Raises `ExpansionError`."""
        match instruction:
            case nodes.Arg():
                return self._after_arg(instruction, scope)
            case nodes.Env():
                return self._after_env(instruction)
            case _:
                return self

    def with_binding(self, binding: Binding) -> StageScope:
        """The scope in which a name is set anew; one without a value only becomes known."""
        if binding.value is None or not is_in_environment(binding.name):
            known = self.bindings if binding.name in self.environment else {**self.bindings, binding.name: binding}
            return replace(self, bindings=MappingProxyType({**known}))
        return replace(
            self,
            environment=MappingProxyType({**self.environment, binding.name: binding.value}),
            bindings=MappingProxyType({**self.bindings, binding.name: binding}),
        )

    def with_argument(self, name: str) -> StageScope:
        """The scope in which `name` is declared by ARG."""
        return self if name in self.arguments else replace(self, arguments=(*self.arguments, name))

    def _after_arg(self, instruction: nodes.Arg, scope: GlobalScope) -> StageScope:
        after = self
        for declaration in instruction.declarations:
            value = stage_argument(declaration, after.environment, scope)
            name = declaration.name
            binding = Binding(name.text, BindingKind.ARG, value, name.span, instruction)
            after = after.with_argument(name.text).with_binding(binding)
        return after

    def _after_env(self, instruction: nodes.Env) -> StageScope:
        after = self
        for pair in instruction.pairs:
            # All pairs of a line see what was there before it.
            name = expand(pair.name, self.environment).text
            value = "" if pair.value is None else expand(pair.value, self.environment).text
            after = after.with_binding(Binding(name, BindingKind.ENV, value, pair.name.span, instruction))
        return after


def global_scope(
    stages: Stages,
    build_args: Mapping[str, str] = _NOTHING,
    target: Platform | None = None,
    build: Platform | None = None,
    target_stage: str = "",
) -> GlobalScope:
    """The global scope of a document for one build; the platforms default to this machine's, `target` to `build`'s.

    Raises `ExpansionError`.
    """
    scope = automatic_scope(build_args, target, build, target_stage)
    for instruction in stages.global_args:
        for declaration in instruction.declarations:
            value = global_argument(declaration, scope)
            scope = with_global_argument(scope, declaration, value, instruction)
    return scope


def automatic_scope(
    build_args: Mapping[str, str] = _NOTHING,
    target: Platform | None = None,
    build: Platform | None = None,
    target_stage: str = "",
) -> GlobalScope:
    """The global scope before the first line; what is given for an automatic argument replaces it."""
    build = build or host_platform()
    values = {
        name: build_args.get(name, value)
        for name, value in automatic_values(target or build, build, target_stage).items()
    }
    bindings = {name: Binding(name, BindingKind.AUTOMATIC, value) for name, value in values.items()}
    return GlobalScope(MappingProxyType(values), MappingProxyType(bindings), build_args)


def global_argument(declaration: nodes.Declaration, scope: GlobalScope) -> str | None:
    """The value of a global ARG: the one given, else its default, else none. Raises `ExpansionError`."""
    given = scope.build_args.get(declaration.name.text)
    if given is not None:
        return given
    return None if declaration.value is None else expand(declaration.value, scope.environment).text


def with_global_argument(
    scope: GlobalScope, declaration: nodes.Declaration, value: str | None, instruction: nodes.Arg
) -> GlobalScope:
    """The global scope after one declaration; without a value the name keeps the one that it may have."""
    name = declaration.name.text
    binding = Binding(name, BindingKind.GLOBAL_ARG, value, declaration.name.span, instruction)
    if value is None:
        known = scope.bindings if name in scope.environment else {**scope.bindings, name: binding}
        return replace(scope, bindings=MappingProxyType({**known}))
    return replace(
        scope,
        environment=MappingProxyType({**scope.environment, name: value}),
        bindings=MappingProxyType({**scope.bindings, name: binding}),
    )


def stage_argument(declaration: nodes.Declaration, environment: Mapping[str, str], scope: GlobalScope) -> str | None:
    """The value of an ARG in a stage: the one given from outside, else its default, else that of the global scope.

    A default is expanded only where it is needed. None where there is no value: the name keeps what ENV may have given
    it. Raises `ExpansionError`.
    """
    name = declaration.name.text
    given = scope.build_args.get(name)
    if given is not None:
        return given
    if declaration.value is not None:
        return expand(declaration.value, environment).text
    return scope.environment.get(name)


def first_scope(base_environment: Mapping[str, str] | None) -> StageScope:
    """The scope after FROM an image with these variables; None for an image of which nothing is known."""
    environment = {"PATH": DEFAULT_PATH, **(base_environment or {})}
    bindings = {name: Binding(name, BindingKind.BASE_IMAGE, value) for name, value in environment.items()}
    is_complete = base_environment is not None
    return StageScope(MappingProxyType(environment), MappingProxyType(bindings), is_complete=is_complete)


__all__ = [
    "Binding",
    "BindingKind",
    "ExpansionError",
    "GlobalScope",
    "StageScope",
    "automatic_scope",
    "first_scope",
    "global_argument",
    "global_scope",
    "stage_argument",
    "with_global_argument",
]
