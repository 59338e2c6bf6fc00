"""Stages: which instruction belongs to which, and what the names and numbers of stages refer to.

Names are stored in lower case. FROM compares with them exactly, so `FROM Build` never finds a stage, while `--from` and
`--target` do not tell case apart; section 2.1 of the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from difflib import get_close_matches
from functools import cached_property

from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span

_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)


class UnknownStage(ValueError):
    """No stage has that name or number; `near` are names like it."""

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(f"there is no stage `{name}`")
        self.name = name
        self.near = near


class StageOrder(ValueError):
    """Files are taken from a stage that does not come before the one that takes them."""

    def __init__(self, stage: Stage, user: Stage) -> None:
        is_own = stage.index == user.index
        what = "itself" if is_own else f"the later stage `{stage.label}`"
        super().__init__(f"the stage `{user.label}` cannot take files from {what}")
        self.stage = stage
        self.is_own = is_own


@record
class Stage:
    """One stage: its FROM, and the instructions after it; `name` is in lower case, empty where it has none."""

    index: int
    name: str
    instruction: nodes.From
    instructions: tuple[nodes.Instruction, ...] = field(repr=False)

    @property
    def label(self) -> str:
        """What messages call the stage."""
        return self.name or f"stage-{self.index}"


@record
class StageUse:
    """A place where files are taken from a stage or an image: `--from=NAME`, or `from=NAME` of a mount.

    `name` is as written, `span` its place. `trigger_of` is the ONBUILD around it: then the stages built on this one
    take the files.
    """

    name: str
    span: Span
    instruction: nodes.Instruction
    trigger_of: nodes.OnBuild | None = None

    @property
    def may_be_index(self) -> bool:
        """Whether a number means a stage: only for `--from`."""
        return isinstance(self.instruction, nodes.Transfer)


@record(caches=True)
class Stages:
    """The stages of a document in order, and the ARGs before the first."""

    document: nodes.Document = field(repr=False)
    global_args: tuple[nodes.Arg, ...]
    stages: tuple[Stage, ...]

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __len__(self) -> int:
        return len(self.stages)

    def stage_of(self, instruction: nodes.Instruction) -> Stage | None:
        """The stage of an instruction (FROM belongs to the stage that it opens), None before the first one."""
        return self._stage_of.get(id(instruction))

    @cached_property
    def _stage_of(self) -> dict[int, Stage]:
        return {
            id(instruction): stage
            for stage in self.stages
            for instruction in (stage.instruction, *_with_triggers(stage.instructions))
        }

    def base_of(self, stage: Stage, image: str) -> Stage | None:
        """The stage that FROM's expanded image names: the nearest one before it whose lower-case name equals it."""
        before = reversed(self.stages[: stage.index])
        return next((earlier for earlier in before if earlier.name and earlier.name == image), None)

    def named(self, name: str) -> Stage | None:
        """The last stage of that name, in any case."""
        lowered = name.lower()
        return next((stage for stage in reversed(self.stages) if lowered and stage.name == lowered), None)

    def source_of(self, name: str, user: Stage) -> Stage | None:
        """What `COPY --from=NAME` means in `user`: a number or a name; None for an image or a named context.

        Raises `UnknownStage` for a number without a stage, `StageOrder` for a stage that is not before `user`.
        """
        if not _NUMBER.fullmatch(name):
            return self.mount_source_of(name, user)
        index = int(name)
        if not 0 <= index < len(self.stages):
            raise UnknownStage(name)
        return _earlier(self.stages[index], user)

    def mount_source_of(self, name: str, user: Stage) -> Stage | None:
        """What `from=NAME` of a mount means in `user`: a name only. Raises `StageOrder`."""
        stage = self.named(name)
        return None if stage is None else _earlier(stage, user)

    def target(self, name: str = "") -> Stage:
        """The stage that `--target` asks for; without a name the last. Raises `UnknownStage`."""
        stage = self.named(name) if name or not self.stages else self.stages[-1]
        if stage is None:
            raise UnknownStage(name, self.near(name))
        return stage

    def near(self, name: str) -> tuple[str, ...]:
        """Names of stages that look like `name`, the likest first."""
        names = [stage.name for stage in self.stages if stage.name]
        return tuple(get_close_matches(name.lower(), dict.fromkeys(names)))


def split_stages(document: nodes.Document) -> Stages:
    """The stages of a document; what else than ARG stands before the first FROM belongs to none."""
    global_args: list[nodes.Arg] = []
    opened: list[tuple[nodes.From, list[nodes.Instruction]]] = []
    for instruction in document.instructions:
        if isinstance(instruction, nodes.From):
            opened.append((instruction, []))
        elif opened:
            opened[-1][1].append(instruction)
        elif isinstance(instruction, nodes.Arg):
            global_args.append(instruction)
    stages = (
        Stage(index, "" if opening.stage is None else opening.stage.text.lower(), opening, tuple(instructions))
        for index, (opening, instructions) in enumerate(opened)
    )
    return Stages(document, tuple(global_args), tuple(stages))


def stage_uses(stage: Stage) -> Iterator[StageUse]:
    """Every place in a stage that takes files from elsewhere than the build context, in order."""
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.OnBuild):
            if instruction.trigger is not None:
                yield from _uses(instruction.trigger, instruction)
        else:
            yield from _uses(instruction, None)


def takes_files(item: nodes.Item) -> bool:
    """Whether an item of a document has a `StageUse`."""
    match item:
        case nodes.OnBuild():
            return item.trigger is not None and takes_files(item.trigger)
        case nodes.Instruction():
            return any(True for _ in _uses(item, None))
        case _:
            return False


def _uses(instruction: nodes.Instruction, trigger_of: nodes.OnBuild | None) -> Iterator[StageUse]:
    match instruction:
        case nodes.Copy():
            flag = instruction.flag("from")
            if flag is not None and flag.value is not None and flag.value.text:
                yield StageUse(flag.value.text, flag.value.span, instruction, trigger_of)
        case nodes.Run():
            for mount in instruction.mounts:
                option = mount.option("from")
                if option is not None and option.value is not None and option.value.text:
                    yield StageUse(option.value.text, option.value.span, instruction, trigger_of)


def _with_triggers(instructions: tuple[nodes.Instruction, ...]) -> Iterator[nodes.Instruction]:
    for instruction in instructions:
        yield instruction
        if isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
            yield instruction.trigger


def _earlier(stage: Stage, user: Stage) -> Stage:
    if stage.index >= user.index:
        raise StageOrder(stage, user)
    return stage
