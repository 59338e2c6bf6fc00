"""COPY, ADD and WORKDIR as operations on files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from dockerlang.builder.exec_limits import NO_EXEC_LIMITS, ExecLimits
from dockerlang.builder.graph import (
    ContextSource,
    CopyFiles,
    CopySource,
    HttpSource,
    InlineFile,
    MakeDirectory,
    Merge,
    Origin,
    Vertex,
)
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.remote import file_name, remote_source
from dockerlang.builder.lower.state import SCRATCH, StageState
from dockerlang.records import record, replace
from dockerlang.semantics.chmod import InvalidMode, parse_mode
from dockerlang.semantics.workdir import working_directory
from dockerlang.syntax import nodes

StageLookup = Callable[[str, nodes.Word], Vertex]


@record
class Scene:
    """What lowering an instruction that makes vertices needs besides the state."""

    expander: Expander
    epoch: int | None
    build_args: Mapping[str, str]
    stage_files: StageLookup
    name: str
    ignores_cache: bool
    extra_hosts: tuple[tuple[str, str], ...] = ()
    limits: ExecLimits = NO_EXEC_LIMITS

    def vertex(
        self,
        op: CopyFiles | MakeDirectory | Merge,
        inputs: tuple[Vertex, ...],
        instruction: nodes.Instruction,
        stage: str,
    ) -> Vertex:
        """The vertex of an operation of this instruction. A WORKDIR is made again when what it stands on is."""
        ignores = inputs[0].ignores_cache if isinstance(op, MakeDirectory) else self.ignores_cache
        return Vertex(op, inputs, self.name, Origin(instruction, stage), ignores)


def workdir(state: StageState, instruction: nodes.Workdir, scene: Scene) -> StageState:
    """WORKDIR: an absolute path is kept as it is written, a relative one is joined and tidied."""
    assert instruction.path is not None
    path = scene.expander.word(instruction.path, state.environment)
    path = working_directory(state.working_directory, path)
    state = state.with_settings(working_dir=path)
    if path == "/":
        return state.with_history(f"WORKDIR {path}", makes_layer=False)
    op = MakeDirectory(path, owner=state.settings.user, epoch=scene.epoch)
    vertex = scene.vertex(op, (state.vertex,), instruction, state.name)
    return replace(state, vertex=vertex).with_history(f"WORKDIR {path}", makes_layer=True)


def transfer(state: StageState, instruction: nodes.Transfer, scene: Scene) -> StageState:
    """COPY and ADD."""
    expander = scene.expander
    environment = state.environment
    words = [source for source in instruction.sources if isinstance(source, nodes.Word)]
    heredocs = [source for source in instruction.sources if isinstance(source, nodes.Heredoc)]
    written_sources = [expander.word(word, environment) for word in words]
    assert isinstance(instruction.destination, nodes.Word)
    destination = expander.word(instruction.destination, environment)
    owner, mode, checksum = (_expanded(instruction, name, expander, state) for name in ("chown", "chmod", "checksum"))
    if mode:
        _check_mode(instruction, mode, expander)
    sources, inputs = _sources(instruction, words, written_sources, checksum, scene)
    op = CopyFiles(
        sources=sources,
        inline_files=_inline_files(heredocs, expander, state),
        destination=_absolute(destination, state.working_directory),
        owner=owner,
        mode=mode,
        keeps_parents=is_set(instruction, "parents"),
        excludes=tuple(flag.value.text for flag in instruction.flags if flag.name == "exclude" and flag.value),
        is_add=isinstance(instruction, nodes.Add),
    )
    if is_set(instruction, "link") and not mode:
        copied = scene.vertex(op, (SCRATCH, *inputs), instruction, state.name)
        vertex = scene.vertex(Merge(), (state.vertex, copied), instruction, state.name)
    else:
        vertex = scene.vertex(op, (state.vertex, *inputs), instruction, state.name)
    written = [
        instruction.KEYWORD,
        *(["--parents"] if op.keeps_parents else []),
        *([f"--chown={owner}"] if owner else []),
        *([f"--chmod={mode}"] if mode else []),
        *written_sources,
        *(f"<<{heredoc.delimiter}" for heredoc in heredocs),
        destination,
        "# buildkit",
    ]
    return replace(state, vertex=vertex).with_history(" ".join(written), makes_layer=True)


def is_set(instruction: nodes.Instruction, name: str) -> bool:
    """Whether a switch is on."""
    flag = instruction.flag(name)
    return flag is not None and (flag.value is None or flag.value.text.lower() == "true")


def _expanded(instruction: nodes.Instruction, name: str, expander: Expander, state: StageState) -> str:
    flag = instruction.flag(name)
    return "" if flag is None or flag.value is None else expander.word(flag.value, state.environment)


def _check_mode(instruction: nodes.Transfer, mode: str, expander: Expander) -> None:
    try:
        parse_mode(mode)
    except InvalidMode as error:
        flag = instruction.flag("chmod")
        assert flag is not None
        raise expander.failure(
            "bad-mode", flag.span, str(error), "write it as `--chmod=755` or `--chmod=u=rwX`"
        ) from None


def _sources(
    instruction: nodes.Transfer, words: list[nodes.Word], texts: list[str], checksum: str, scene: Scene
) -> tuple[tuple[CopySource, ...], tuple[Vertex, ...]]:
    """The sources, and the vertices that hold their files: the context or a stage, and one for each remote source."""
    inputs: list[Vertex] = []
    sources: list[CopySource] = []
    local: int | None = None
    unpack = instruction.flag("unpack")
    for word, text in zip(words, texts, strict=True):
        op = remote_source(instruction, word, text, checksum, scene.expander)
        if op is not None:
            inputs.append(Vertex(op, (), f"{instruction.KEYWORD} {text}", Origin(instruction, "")))
            path = f"/{file_name(text)}" if isinstance(op, HttpSource) else "/"
            sources.append(CopySource(path, len(inputs), unpacks=is_set(instruction, "unpack")))
            continue
        if local is None:
            inputs.append(_source_vertex(instruction, scene))
            local = len(inputs)
        does_unpack = isinstance(instruction, nodes.Add) and (unpack is None or is_set(instruction, "unpack"))
        sources.append(CopySource(text, local, does_unpack))
    return tuple(sources), tuple(inputs)


def _inline_files(heredocs: list[nodes.Heredoc], expander: Expander, state: StageState) -> tuple[InlineFile, ...]:
    # Of two heredocs with one name the last body is the content of both, as in the reference.
    bodies = {heredoc.delimiter: expander.body(heredoc, state.environment) for heredoc in heredocs}
    return tuple(InlineFile(heredoc.delimiter, bodies[heredoc.delimiter]) for heredoc in heredocs)


def _absolute(destination: str, working_directory: str) -> str:
    """The destination from the root; a final slash, which says "a directory", is kept."""
    is_directory = destination.endswith(("/", "/.")) or destination in ("", ".")
    path = posixpath.normpath(posixpath.join(working_directory, destination or "."))
    path = "/" + path.lstrip("/")
    return path.rstrip("/") + "/" if is_directory else path


def _source_vertex(instruction: nodes.Transfer, scene: Scene) -> Vertex:
    flag = instruction.flag("from")
    if flag is None or flag.value is None:
        return Vertex(ContextSource())
    if "$" in flag.value.text:
        message = f"--from of {instruction.KEYWORD} does not expand variables"
        help_text = "name a stage (`FROM image:$VERSION AS name`) and copy from that"
        raise scene.expander.failure("variable-in-from", flag.value.span, message, help_text)
    return scene.stage_files(flag.value.text, flag.value)
