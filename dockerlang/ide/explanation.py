"""What one instruction says and does: each of its words step by step, the names it sees, and what runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dockerlang.semantics.expand import ExpansionError, expand
from dockerlang.semantics.scopes import Binding, StageScope
from dockerlang.semantics.shell import DEFAULT_SHELL, argv
from dockerlang.semantics.stages import Stage
from dockerlang.semantics.state import states
from dockerlang.semantics.static_scopes import StaticScopes, static_scopes
from dockerlang.syntax import nodes
from dockerlang.syntax.walk import walk

# In these nothing is expanded while the image is built; a shell may do it later.
_UNEXPANDED = (nodes.Run, nodes.Cmd, nodes.Entrypoint, nodes.Shell, nodes.Healthcheck, nodes.OnBuild)


@dataclass(frozen=True, slots=True)
class Explanation:
    """An instruction explained: titled groups of lines, each a pair of what is meant and what is said of it."""

    instruction: nodes.Instruction
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def explain(document: nodes.Document, line: int) -> Explanation | None:
    """The instruction on a line (counted from 0); None where none stands there."""
    lines = document.source.lines
    found = next(
        (
            instruction
            for instruction in document.instructions
            if lines.line_of(instruction.span.start) <= line <= lines.line_of(max(instruction.span.end - 1, 0))
        ),
        None,
    )
    if found is None:
        return None
    scopes = static_scopes(document)
    scope = scopes.at(found)
    stage = scopes.stages.stage_of(found)
    groups = [
        ("stage", tuple(_stage(document, scopes, stage, found))),
        ("words", tuple(_words(found, scope))),
        ("runs as", tuple(_command(found, scopes, stage))),
        ("sees", tuple(_names(document, scope))),
    ]
    return Explanation(found, tuple((title, rows) for title, rows in groups if rows))


def _stage(
    document: nodes.Document, scopes: StaticScopes, stage: Stage | None, before: nodes.Instruction
) -> Iterator[tuple[str, str]]:
    if stage is None:
        return
    base = scopes.base_of(stage)
    image = scopes.image_of(stage)
    yield stage.label, f"built on stage {base.label}" if base is not None else f"built on {image or 'nothing known'}"
    for earlier, value in _settings(scopes, stage, before):
        line = document.source.lines.line_of(earlier.span.start) + 1
        yield value, f"set in line {line}"


def _settings(scopes: StaticScopes, stage: Stage, before: nodes.Instruction) -> Iterator[tuple[nodes.Instruction, str]]:
    """The user and the working directory that an instruction finds, those that come from other stages included."""
    chain: list[Stage] = []
    at: Stage | None = stage
    while at is not None:
        chain.append(at)
        at = scopes.base_of(at)
    instructions = [
        instruction
        for each in reversed(chain)
        for instruction in each.instructions
        if instruction.span.start < before.span.start
    ]
    for kind, name in ((nodes.User, "user"), (nodes.Workdir, "path")):
        last = next((each for each in reversed(instructions) if isinstance(each, kind)), None)
        word = None if last is None else getattr(last, name)
        if last is not None and isinstance(word, nodes.Word):
            yield last, f"{last.KEYWORD} {word.text}"


def _words(instruction: nodes.Instruction, scope: StageScope) -> Iterator[tuple[str, str]]:
    """Each word that expansion changes, with what became of its parts."""
    if isinstance(instruction, _UNEXPANDED):
        words: list[nodes.Word] = [
            option.value
            for flag in instruction.flags
            if isinstance(flag, nodes.MountFlag)
            for option in flag.options
            if option.value is not None and option.key != "from"
        ]
    else:
        words = [node for node in walk(instruction) if isinstance(node, nodes.Word)]
    for word in words:
        if word.is_plain:
            continue
        try:
            expansion = expand(word, scope.environment)
        except ExpansionError as error:
            yield word.text, f"cannot be expanded: {error.message}"
            continue
        yield word.text, f"becomes `{expansion.text}`"
        for name in dict.fromkeys((*expansion.used, *expansion.unset)):
            if name in expansion.unset:
                yield f"  ${name}", "is not set" if scope.is_complete else "is not set here; the base image may set it"
            else:
                yield f"  ${name}", f"is `{scope.environment.get(name, '')}`"


def _command(instruction: nodes.Instruction, scopes: StaticScopes, stage: Stage | None) -> Iterator[tuple[str, str]]:
    if not isinstance(instruction, (nodes.Run, nodes.Cmd, nodes.Entrypoint)) or stage is None:
        return
    state = states(scopes).before(instruction)
    shell = (None if state is None else state.shell.value) or DEFAULT_SHELL
    if isinstance(instruction, nodes.Run) and instruction.script is not None:
        yield " ".join(shell), "the body of the heredoc is the script"
        return
    for number, argument in enumerate(argv(instruction.command, shell)):
        yield f"[{number}]", argument
    if isinstance(instruction.command, nodes.ExecForm):
        yield "no shell", "variables, pipes and patterns are not expanded"


def _names(document: nodes.Document, scope: StageScope) -> Iterator[tuple[str, str]]:
    for name in sorted(scope.bindings):
        yield name, _told(document, scope.bindings[name])


def _told(document: nodes.Document, binding: Binding) -> str:
    value = "no value" if binding.value is None else f"`{binding.value}`"
    kind = binding.kind.name.replace("_", " ").lower()
    if binding.span is None:
        return f"{value}, {kind}"
    line = document.source.lines.line_of(binding.span.start) + 1
    return f"{value}, {kind} of line {line}"
