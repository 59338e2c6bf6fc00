"""What a Dockerfile offers to those who build it: its stages, and the arguments, secrets and caches of one of them.

Nothing is fetched or run. A description is the comment above that begins with the name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from dockerlang.builder.lower.options import BuildOptions
from dockerlang.errors import NotFoundError
from dockerlang.linter.suppress import comments_above
from dockerlang.oci.platform import host_platform
from dockerlang.records import record
from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.predefined import is_automatic
from dockerlang.semantics.scopes import GlobalScope, global_scope, stage_argument
from dockerlang.semantics.stage_graph import reachable
from dockerlang.semantics.stages import Stage, Stages, UnknownStage, split_stages
from dockerlang.syntax import nodes
from dockerlang.text import Span


@record
class Target:
    """A stage that can be built; `base` is what its FROM names."""

    name: str
    base: str
    description: str
    is_default: bool
    span: Span


@record
class Argument:
    """A build argument; `value` is what it has if nothing else is given, None for nothing."""

    name: str
    value: str | None
    description: str
    span: Span


@dataclass
class Outline:
    """All that a target and what it needs takes from outside."""

    name: str
    description: str
    arguments: dict[str, Argument] = field(default_factory=dict)
    secrets: dict[str, bool] = field(default_factory=dict)
    ssh: dict[str, bool] = field(default_factory=dict)
    caches: dict[str, None] = field(default_factory=dict)


def targets_of(document: nodes.Document) -> tuple[Target, ...]:
    """The stages that have a name, and the last one, which is built where none is asked for."""
    stages = split_stages(document)
    texts = _comments(document)
    return tuple(
        Target(
            stage.name,
            "" if stage.instruction.image is None else stage.instruction.image.text,
            _description(texts, stage.instruction, stage.name),
            stage is stages.stages[-1],
            stage.instruction.statement,
        )
        for stage in stages.stages
        if stage.name or stage is stages.stages[-1]
    )


def outline_of(document: nodes.Document, options: BuildOptions) -> Outline:
    """The outline of the target. Raises `NotFoundError` for a target that is not there."""
    stages = split_stages(document)
    try:
        target = stages.target(options.target)
    except UnknownStage as error:
        raise NotFoundError(str(error), hint=f"did you mean {error.near[0]}?" if error.near else "") from None
    texts = _comments(document)
    scope = global_scope(stages, options.build_args, options.platform, host_platform(), target.name or "default")
    outline = Outline(target.name, _description(texts, target.instruction, target.name))
    for binding in scope.bindings.values():
        if binding.span is not None and binding.instruction is not None:
            description = _description(texts, binding.instruction, binding.name)
            outline.arguments[binding.name] = Argument(binding.name, binding.value, description, binding.span)
    for stage in reachable(stages, target, lambda stage: _base_of(stages, stage, scope)):
        for instruction in stage.instructions:
            _add(outline, instruction, texts, scope)
    return outline


def _base_of(stages: Stages, stage: Stage, scope: GlobalScope) -> Stage | None:
    image = stage.instruction.image
    if image is None:
        return None
    try:
        return stages.base_of(stage, expand(image, scope.environment).text)
    except ExpansionError:
        return None


def _add(
    outline: Outline, instruction: nodes.Instruction, texts: Mapping[int, tuple[str, ...]], scope: GlobalScope
) -> None:
    match instruction:
        case nodes.Arg():
            for declaration in instruction.declarations:
                name = declaration.name.text
                if is_automatic(name):
                    continue
                try:
                    value = stage_argument(declaration, scope.environment, scope)
                except ExpansionError:
                    value = None
                known = outline.arguments.get(name)
                description = _description(texts, instruction, name) or ("" if known is None else known.description)
                outline.arguments[name] = Argument(name, value, description, declaration.name.span)
        case nodes.Run():
            for mount in instruction.mounts:
                _add_mount(outline, mount)
        case _:
            pass


def _add_mount(outline: Outline, mount: nodes.MountFlag) -> None:
    target = _text(mount, "target", "dst", "destination")
    identifier = _text(mount, "id", "source", "src")
    is_required = mount.option("required") is not None and _text(mount, "required").lower() not in ("false", "0", "f")
    match mount.type:
        case "secret":
            name = identifier or PurePosixPath(target).name
            outline.secrets[name] = outline.secrets.get(name, False) or is_required
        case "ssh":
            name = identifier or "default"
            outline.ssh[name] = outline.ssh.get(name, False) or is_required
        case "cache":
            outline.caches[_text(mount, "id") or target] = None
        case _:
            pass


def _text(mount: nodes.MountFlag, *keys: str) -> str:
    option = mount.option(*keys)
    return "" if option is None or option.value is None else option.value.text


def _comments(document: nodes.Document) -> dict[int, tuple[str, ...]]:
    """The comments of each instruction by the place where it begins."""
    found: Iterator[tuple[nodes.Instruction, tuple[nodes.Comment, ...]]] = comments_above(document)
    return {instruction.span.start: tuple(comment.text for comment in comments) for instruction, comments in found}


def _description(texts: Mapping[int, tuple[str, ...]], instruction: nodes.Instruction, name: str) -> str:
    for text in texts.get(instruction.span.start, ()):
        first, _, rest = text.strip().partition(" ")
        if name and first.lower() == name.lower():
            return rest.strip()
    return ""
