"""What one instruction says and does: each word step by step, the names it sees, who runs it, and what it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from dockerlang.ide.explained_words import ExplainedWord, Origin, explained_words, origin_of
from dockerlang.records import record
from dockerlang.semantics.packages import PackageCall, package_calls
from dockerlang.semantics.scripts.run_commands import dialect_of, run_commands
from dockerlang.semantics.shell import DEFAULT_SHELL, argv
from dockerlang.semantics.stage_graph import reachable
from dockerlang.semantics.state import Setting, State, states
from dockerlang.semantics.static_scopes import StaticScopes, static_scopes
from dockerlang.syntax import nodes

_UNKNOWN = "unknown: the base image decides"


@record
class ExplainedName:
    """A name in scope: its value (None where it has none), and what gave it. `is_certain` as in a step."""

    name: str
    value: str | None
    origin: Origin
    is_automatic: bool
    is_certain: bool


@record
class ExplainedSetting:
    """User, working directory or shell: its value (None where it is unknown), and what set it."""

    name: str
    value: str | None
    origin: Origin


@record
class Explanation:
    """An instruction explained; `stage` is empty before the first one.

    `notes` are sentences about its place, `settings` who runs it and where, as far as that matters to it, and
    `arguments` what a command is started with.
    """

    instruction: nodes.Instruction
    stage: str
    notes: tuple[str, ...] = ()
    words: tuple[ExplainedWord, ...] = ()
    settings: tuple[ExplainedSetting, ...] = ()
    arguments: tuple[str, ...] = ()
    packages: tuple[PackageCall, ...] = field(default=(), repr=False)
    names: tuple[ExplainedName, ...] = ()


def explain(
    document: nodes.Document, line: int, build_args: Mapping[str, str] | None = None, target: str = ""
) -> Explanation | None:
    """The instruction on a line (counted from 0); None where none stands there.

    `build_args` are what the build is given, `target` the stage it is for, the last if empty. Raises `UnknownStage`.
    """
    lines = document.source.lines
    found = next(
        (
            instruction
            for instruction in document.instructions
            if lines.line_of(instruction.span.start) <= line <= lines.line_of(max(instruction.span.end - 1, 0))
        ),
        None,
    )
    scopes = static_scopes(document, build_args=build_args, target_stage=target)
    wanted = scopes.stages.target(target) if target else None
    if found is None:
        return None
    found_states = states(scopes)
    state = found_states.before(found)
    scope = scopes.at(found)
    stage = scopes.stages.stage_of(found)
    notes = list(_notes(found, scopes))
    after = found_states.after(found)
    if isinstance(found, nodes.Workdir) and after is not None and after.working_directory.value is not None:
        notes.append(f"leads to {after.working_directory.value}")
    if wanted is not None and stage is not None and stage not in reachable(scopes.stages, wanted, scopes.base_of):
        notes.append(f"a build of {wanted.label} does not need this stage, and never comes here")
    return Explanation(
        found,
        "" if stage is None else stage.label,
        tuple(notes),
        tuple(explained_words(found, scopes, scope, state)),
        tuple(_settings(found, state, scopes)),
        _arguments(found, state),
        tuple(_packages(found, state)),
        tuple(
            ExplainedName(
                name,
                binding.value,
                origin_of(binding, scopes),
                is_automatic=binding.span is None,
                is_certain=state is None or state.knows(name),
            )
            for name, binding in sorted(scope.bindings.items())
        ),
    )


def _notes(instruction: nodes.Instruction, scopes: StaticScopes) -> Iterator[str]:
    stage = scopes.stages.stage_of(instruction)
    if stage is None:
        yield "before the first stage: only FROM sees what is declared here, and each ARG that repeats it"
        return
    base = scopes.base_of(stage)
    image = scopes.image_of(stage) or "an image that cannot be told"
    on = f"stage {base.label}" if base is not None else "nothing" if image == "scratch" else image
    yield f"in stage {stage.label}, which is built on {on}"
    if isinstance(instruction, nodes.OnBuild):
        children = [each.label for each in scopes.stages if scopes.base_of(each) is stage]
        here = f"; here {', '.join(children)}" if children else ""
        yield f"kept for the stages and images built on this one, in which it runs first{here}"


def _settings(instruction: nodes.Instruction, state: State | None, scopes: StaticScopes) -> Iterator[ExplainedSetting]:
    """Those that matter to the instruction."""
    if state is None:
        return
    inner = instruction.trigger if isinstance(instruction, nodes.OnBuild) else instruction
    is_command = isinstance(inner, (nodes.Run, nodes.Cmd, nodes.Entrypoint, nodes.Healthcheck))
    if is_command or isinstance(inner, nodes.Workdir):
        user = state.user
        value = "root" if user.value == "" else user.value
        yield ExplainedSetting("user", value, _origin(user, state, scopes))
    if is_command or isinstance(inner, (nodes.Workdir, nodes.Transfer)):
        directory = state.working_directory
        yield ExplainedSetting("directory", directory.value, _origin(directory, state, scopes))
    command = getattr(inner, "command", None)
    if is_command and not isinstance(command, nodes.ExecForm):
        shell = state.shell
        value = " ".join(shell.value or DEFAULT_SHELL)
        is_default = shell.instruction is None
        origin = Origin("the default; a base image may say otherwise") if is_default else _origin(shell, state, scopes)
        yield ExplainedSetting("shell", value, origin)
    elif is_command:
        yield ExplainedSetting("shell", None, Origin("none: variables, pipes and patterns are not expanded"))


def _origin(setting: Setting[str] | Setting[tuple[str, ...]], state: State, scopes: StaticScopes) -> Origin:
    instruction = setting.instruction
    if instruction is None:
        return Origin(_UNKNOWN if setting.value is None else "that of an empty base")
    line = scopes.stages.document.source.lines.line_of(instruction.keyword.span.start) + 1
    text = f"{instruction.KEYWORD} in line {line}"
    if setting.trigger_of is not None:
        text = f"ONBUILD {text}"
    if setting.stage is not None and setting.stage.index != state.stage.index:
        text += f" of stage {setting.stage.label}"
    return Origin(text if setting.value is not None else f"{text}: depends on the base image", line)


def _arguments(instruction: nodes.Instruction, state: State | None) -> tuple[str, ...]:
    """What a command is started with."""
    if not isinstance(instruction, (nodes.Run, nodes.Cmd, nodes.Entrypoint)) or state is None:
        return ()
    if isinstance(instruction, nodes.Run) and instruction.script is not None:
        return (*(state.shell.value or DEFAULT_SHELL), instruction.script.chomped)
    return argv(instruction.command, state.shell.value or DEFAULT_SHELL)


def _packages(instruction: nodes.Instruction, state: State | None) -> Iterator[PackageCall]:
    run = instruction.trigger if isinstance(instruction, nodes.OnBuild) else instruction
    if isinstance(run, nodes.Run) and state is not None:
        dialect = dialect_of(state.shell.value or DEFAULT_SHELL)
        yield from package_calls(run_commands(run, dialect).invocations)
