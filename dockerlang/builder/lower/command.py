"""RUN as a process: its arguments, its environment, its mounts."""

from __future__ import annotations

import posixpath

from dockerlang.builder.graph import (
    BindMount,
    CacheMount,
    ContextSource,
    Exec,
    Mount,
    Origin,
    SecretMount,
    SshMount,
    TmpfsMount,
    Vertex,
)
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.state import StageState
from dockerlang.builder.lower.transfer import Scene
from dockerlang.records import replace
from dockerlang.semantics.mounts import InvalidMount, MountValues, mount_values
from dockerlang.semantics.predefined import is_proxy_argument
from dockerlang.semantics.shell import argv
from dockerlang.syntax import nodes

_SCRIPT_DIRECTORY = "/dev/pipes"


def run(state: StageState, instruction: nodes.Run, scene: Scene) -> StageState:
    """RUN: the process over the files so far. History names the ARGs in force and what is really run."""
    device = instruction.flag("device")
    if device is not None:
        # The reference takes devices only in the experimental edition of its frontend.
        raise scene.expander.failure("unsupported", device.span, "RUN --device is no part of the stable language")
    script_path, script, arguments = _arguments(state, instruction)
    mounts, inputs = _mounts(state, instruction, scene)
    op = Exec(
        args=arguments,
        environment=tuple(state.environment.assignments()),
        cwd=state.working_directory,
        user=state.settings.user,
        network=_value(instruction, "network") or "default",
        security=_value(instruction, "security") or "sandbox",
        mounts=mounts,
        proxy_environment=_proxy_environment(state, scene),
        script=script,
        script_path=script_path,
        hostname=scene.build_args.get("BUILDKIT_SANDBOX_HOSTNAME", ""),
        extra_hosts=scene.extra_hosts,
        limits=scene.limits,
    )
    origin = Origin(instruction, state.name)
    vertex = Vertex(op, (state.vertex, *inputs), scene.name, origin, scene.ignores_cache)
    values = [f"{name}={state.environment.get(name, '')}" for name in state.arguments]
    prefix = f"|{len(values)} {' '.join(values)} " if values else ""
    written = f"RUN {prefix}{' '.join(arguments)} # buildkit"
    return replace(state, vertex=vertex).with_history(written, makes_layer=True)


def _arguments(state: StageState, instruction: nodes.Run) -> tuple[str, str, tuple[str, ...]]:
    """The path and content of the script file, if the heredoc is one, and the process's arguments."""
    heredoc = instruction.script
    if heredoc is not None:
        body = heredoc.chomped
        if body.startswith("#!"):
            path = f"{_SCRIPT_DIRECTORY}/{heredoc.delimiter}"
            return path, body, (*state.shell, path)
        return "", "", (*state.shell, body)
    if isinstance(instruction.command, nodes.ShellForm) and instruction.heredocs:
        bodies = "".join(f"\n{heredoc.content}{heredoc.delimiter}" for heredoc in instruction.heredocs)
        return "", "", (*state.shell, instruction.command.text + bodies)
    return "", "", argv(instruction.command, state.shell)


def _value(instruction: nodes.Run, name: str) -> str:
    flag = instruction.flag(name)
    return "" if flag is None or flag.value is None else flag.value.text


def _proxy_environment(state: StageState, scene: Scene) -> tuple[str, ...]:
    """Proxy settings that were given but not declared: for the process only, in both spellings."""
    given = {
        spelling: value
        for name, value in sorted(scene.build_args.items())
        if is_proxy_argument(name) and name not in state.arguments
        for spelling in (name.lower(), name.upper())
    }
    return tuple(f"{name}={value}" for name, value in given.items() if name not in state.environment)


def _mounts(state: StageState, instruction: nodes.Run, scene: Scene) -> tuple[tuple[Mount, ...], tuple[Vertex, ...]]:
    mounts: list[Mount] = []
    inputs: list[Vertex] = []
    for flag in instruction.mounts:
        values = _values(flag, scene.expander, state)
        target = posixpath.join(state.working_directory, values.target) if values.target else ""
        source = _mount_source(flag, values, scene)
        number: int | None = None
        if source is not None:
            inputs.append(source)
            number = len(inputs)  # the root is input 0
        mounts.append(_mount(values, target, number, scene, index=len(mounts)))
    return tuple(mounts), tuple(inputs)


def _values(flag: nodes.MountFlag, expander: Expander, state: StageState) -> MountValues:
    try:
        return mount_values(flag, lambda word: expander.word(word, state.environment))
    except InvalidMount as error:
        raise expander.failure("bad-mount", error.span, str(error), error.help) from None


def _mount_source(flag: nodes.MountFlag, values: MountValues, scene: Scene) -> Vertex | None:
    if values.source_stage:
        option = flag.option("from")
        assert option is not None
        assert option.value is not None
        return scene.stage_files(values.source_stage, option.value)
    return Vertex(ContextSource()) if values.type == "bind" else None


def _mount(values: MountValues, target: str, number: int | None, scene: Scene, *, index: int) -> Mount:
    match values.type:
        case "bind":
            assert number is not None
            return BindMount(target, number, values.source or "/", values.is_read_only)
        case "cache":
            namespace = scene.build_args.get("BUILDKIT_CACHE_MOUNT_NS", "")
            identifier = values.id or posixpath.normpath(target)
            return CacheMount(
                target=target,
                id=f"{namespace}/{identifier}",
                is_default_id=not values.id,
                sharing=values.sharing or "shared",
                input=number,
                source=values.source or "/",
                mode=values.mode if values.mode is not None else 0o755,
                uid=values.uid or 0,
                gid=values.gid or 0,
                is_read_only=values.is_read_only,
            )
        case "tmpfs":
            return TmpfsMount(target, values.size)
        case "secret":
            identifier = values.id or values.source or posixpath.basename(target)
            default = None if values.variable else f"/run/secrets/{posixpath.basename(identifier)}"
            return SecretMount(
                id=identifier,
                target=target or default,
                variable=values.variable,
                is_required=values.is_required,
                mode=values.mode if values.mode is not None else 0o400,
                uid=values.uid or 0,
                gid=values.gid or 0,
            )
        case "ssh":
            return SshMount(
                target=target or f"/run/buildkit/ssh_agent.{index}",
                id=values.id or "default",
                is_required=values.is_required,
                mode=values.mode if values.mode is not None else 0o600,
                uid=values.uid or 0,
                gid=values.gid or 0,
            )
    raise AssertionError(values.type)
