"""Who runs a line, where and how: user, working directory, shell and variables at any place of a file.

All of it is read from the file alone. What the base image decides is unknown; a stage of the same file is followed, and
its ONBUILD triggers take effect in the stages built on it before their own lines (section 2.9 of the language).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Generic, TypeVar

from dockerlang.oci.platform import Platform
from dockerlang.records import record, replace
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.scopes import BindingKind, StageScope
from dockerlang.semantics.shell import DEFAULT_SHELL
from dockerlang.semantics.stages import Stage
from dockerlang.semantics.static_scopes import BaseEnvironment, StaticScopes, static_scopes, triggers_for, unknown_image
from dockerlang.semantics.workdir import working_directory
from dockerlang.syntax import nodes

T = TypeVar("T", bound="str | tuple[str, ...]")


@record
class Setting(Generic[T]):
    """What holds at a line, and what said so.

    `value` is None where it cannot be known. `instruction` is the line that set it last (below ONBUILD the trigger,
    with `trigger_of` around it), and `stage` the stage in which it stands; both are None where no line of the file did.
    """

    value: T | None
    instruction: nodes.Instruction | None = None
    stage: Stage | None = None
    trigger_of: nodes.OnBuild | None = None

    @property
    def is_from_base_image(self) -> bool:
        """Whether the base image decides, and no line of the file."""
        return self.value is None and self.instruction is None


@record
class State:
    """What an instruction finds, before it takes effect itself.

    `user` is as USER has it, empty for the superuser. `scope` has the variables, of which `uncertain` may have another
    value than it says: they come from what an unknown base image sets.
    """

    stage: Stage
    scope: StageScope
    user: Setting[str]
    working_directory: Setting[str]
    shell: Setting[tuple[str, ...]]
    uncertain: frozenset[str] = frozenset()

    def knows(self, name: str) -> bool:
        """Whether the file tells the value of a variable, or that it has none."""
        if name in self.uncertain:
            return False
        binding = self.scope.bindings.get(name)
        if binding is None or binding.kind is BindingKind.BASE_IMAGE or name not in self.scope.environment:
            return self.scope.is_complete
        return True

    def expanded(self, word: nodes.Word) -> str | None:
        """The value of a word; None where it cannot be expanded, or not all that it uses is known."""
        try:
            expansion = expand(word, self.scope.environment)
        except ExpansionError:
            return None
        return expansion.text if all(map(self.knows, (*expansion.used, *expansion.unset))) else None


@record
class States:
    """The states of a document, line by line."""

    scopes: StaticScopes
    _before: Mapping[int, State] = field(repr=False)
    _after: Mapping[int, State] = field(repr=False)

    def before(self, instruction: nodes.Instruction) -> State | None:
        """What an instruction (or a trigger, as if it ran where it stands) finds; None before the first stage, and of
        FROM, which finds nothing."""
        return self._before.get(id(instruction))

    def after(self, instruction: nodes.Instruction) -> State | None:
        """What the line behind an instruction finds. Behind FROM, that is what the base and its triggers leave."""
        return self._after.get(id(instruction))

    def at(self, offset: int) -> State | None:
        """What the line at an offset finds, also where a comment or nothing stands."""
        instructions = self.scopes.stages.document.instructions
        index = bisect_right(instructions, offset, key=lambda instruction: instruction.span.start) - 1
        if index < 0:
            return None
        found = instructions[index]
        return self.before(found) if offset < found.span.end else self.after(found)


def state_at(
    document: nodes.Document,
    offset: int,
    base_environment: BaseEnvironment = unknown_image,
    build_args: Mapping[str, str] | None = None,
    target: Platform | None = None,
) -> State | None:
    """What the line at an offset finds; None before the first stage and on a FROM. Arguments as for `static_scopes`."""
    return states(static_scopes(document, base_environment, build_args, target)).at(offset)


def states(scopes: StaticScopes) -> States:
    """The states of all lines of a document."""
    before: dict[int, State] = {}
    after: dict[int, State] = {}
    at_end: dict[int, State] = {}
    for stage in scopes.stages:
        base = scopes.base_of(stage)
        if base is not None:
            state = replace(at_end[base.index], stage=stage)
            for holder, trigger in triggers_for(base):
                state = _after(state, trigger, scopes, base, holder)
        else:
            state = _first(stage, scopes)
        state = after[id(stage.instruction)] = replace(state, scope=scopes.first(stage))
        for instruction in stage.instructions:
            before[id(instruction)] = state
            if isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
                before[id(instruction.trigger)] = state
            state = after[id(instruction)] = _after(state, instruction, scopes, stage)
        at_end[stage.index] = state
    return States(scopes, before, after)


def _first(stage: Stage, scopes: StaticScopes) -> State:
    if scopes.image_of(stage) == "scratch":
        return State(stage, scopes.first(stage), Setting(""), Setting("/"), Setting(DEFAULT_SHELL))
    return State(stage, scopes.first(stage), Setting(None), Setting(None), Setting(None))


def _after(
    state: State,
    instruction: nodes.Instruction,
    scopes: StaticScopes,
    stage: Stage,
    trigger_of: nodes.OnBuild | None = None,
) -> State:
    """The state after an instruction that stands in `stage`."""
    match instruction:
        case nodes.Arg() | nodes.Env():
            uncertain = frozenset(_uncertain(state, instruction, scopes))
            return replace(state, scope=scopes.step(state.scope, instruction), uncertain=uncertain)
        case nodes.User(user=word) if word is not None:
            return replace(state, user=Setting(state.expanded(word), instruction, stage, trigger_of))
        case nodes.Workdir(path=word) if word is not None:
            path, current = state.expanded(word), state.working_directory.value
            if path == "":
                return state
            is_known = path is not None and (path.startswith("/") or current is not None)
            value = working_directory(current or "/", path) if is_known and path is not None else None
            return replace(state, working_directory=Setting(value, instruction, stage, trigger_of))
        case nodes.Shell(command=nodes.ExecForm(arguments=arguments)) if arguments:
            return replace(state, shell=Setting(arguments, instruction, stage, trigger_of))
        case _:
            return state


def _uncertain(state: State, instruction: nodes.Arg | nodes.Env, scopes: StaticScopes) -> Iterator[str]:
    """The names that are uncertain after an ARG or ENV."""
    changed: dict[str, bool] = {}
    if isinstance(instruction, nodes.Env):
        for pair in instruction.pairs:
            name = state.expanded(pair.name)
            if name is not None:
                changed[name] = pair.value is None or state.expanded(pair.value) is not None
    else:
        for declaration in instruction.declarations:
            name = declaration.name.text
            if name in scopes.globals.build_args:
                changed[name] = True
            elif declaration.value is not None:
                changed[name] = state.expanded(declaration.value) is not None
            elif name in scopes.globals.environment:
                changed[name] = True
    yield from state.uncertain - changed.keys()
    yield from (name for name, is_certain in changed.items() if not is_certain)
