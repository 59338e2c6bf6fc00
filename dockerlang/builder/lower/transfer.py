"""COPY, ADD and WORKDIR as operations on files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from dockerlang.builder.graph import (
    ContextSource,
    CopyFiles,
    InlineFile,
    MakeDirectory,
    Merge,
    Origin,
    Vertex,
)
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.lower.state import SCRATCH, StageState
from dockerlang.semantics.chmod import InvalidMode, parse_mode
from dockerlang.semantics.gitref import parse_git_reference
from dockerlang.syntax import nodes

_URL = re.compile(r"https?://", re.IGNORECASE)

StageLookup = Callable[[str, nodes.Word], Vertex]


@dataclass(frozen=True)
class Scene:
    """What lowering an instruction that makes vertices needs besides the state."""

    expander: Expander
    options: BuildOptions
    stage_files: StageLookup
    name: str
    ignores_cache: bool

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
    if not path:
        path = state.working_directory
    elif not path.startswith("/"):
        path = posixpath.normpath(posixpath.join(state.working_directory, path))
    state = state.with_config(replace(state.config, working_dir=path))
    if path == "/":
        return state.with_history(f"WORKDIR {path}", makes_layer=False)
    op = MakeDirectory(path, owner=state.config.user, epoch=scene.options.epoch)
    vertex = scene.vertex(op, (state.vertex,), instruction, state.name)
    return replace(state, vertex=vertex).with_history(f"WORKDIR {path}", makes_layer=True)


def transfer(state: StageState, instruction: nodes.Transfer, scene: Scene) -> StageState:
    """COPY and ADD."""
    expander = scene.expander
    environment = state.environment
    words = [source for source in instruction.sources if isinstance(source, nodes.Word)]
    heredocs = [source for source in instruction.sources if isinstance(source, nodes.Heredoc)]
    sources = tuple(expander.word(word, environment) for word in words)
    assert isinstance(instruction.destination, nodes.Word)
    destination = expander.word(instruction.destination, environment)
    owner, mode = (_expanded_flag(instruction, name, expander, state) for name in ("chown", "chmod"))
    if mode:
        _check_mode(instruction, mode, expander)
    _check_sources(instruction, words, sources, scene)
    op = CopyFiles(
        sources=sources,
        inline_files=_inline_files(heredocs, expander, state),
        destination=_absolute(destination, state.working_directory),
        owner=owner,
        mode=mode,
        keeps_parents=_is_set(instruction, "parents"),
        excludes=tuple(flag.value.text for flag in instruction.flags if flag.name == "exclude" and flag.value),
        is_add=isinstance(instruction, nodes.Add),
        does_unpack=instruction.flag("unpack") is None or _is_set(instruction, "unpack"),
    )
    source = _source_vertex(instruction, scene) if sources else None
    inputs = (source,) if source is not None else ()
    if _is_set(instruction, "link") and not mode:
        copied = scene.vertex(op, (SCRATCH, *inputs), instruction, state.name)
        vertex = scene.vertex(Merge(), (state.vertex, copied), instruction, state.name)
    else:
        vertex = scene.vertex(op, (state.vertex, *inputs), instruction, state.name)
    written = [
        instruction.KEYWORD,
        *(["--parents"] if op.keeps_parents else []),
        *([f"--chown={owner}"] if owner else []),
        *([f"--chmod={mode}"] if mode else []),
        *sources,
        *(f"<<{heredoc.delimiter}" for heredoc in heredocs),
        destination,
        "# buildkit",
    ]
    return replace(state, vertex=vertex).with_history(" ".join(written), makes_layer=True)


def _is_set(instruction: nodes.Instruction, name: str) -> bool:
    flag = instruction.flag(name)
    return flag is not None and (flag.value is None or flag.value.text.lower() == "true")


def _expanded_flag(instruction: nodes.Instruction, name: str, expander: Expander, state: StageState) -> str:
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


def _check_sources(
    instruction: nodes.Transfer, words: list[nodes.Word], sources: tuple[str, ...], scene: Scene
) -> None:
    keyword = instruction.KEYWORD
    checksum = instruction.flag("checksum")
    for word, source in zip(words, sources, strict=True):
        is_url, is_git = bool(_URL.match(source)), parse_git_reference(source) is not None
        if isinstance(instruction, nodes.Copy) and (is_url or is_git):
            kind = "a git repository" if is_git else "a URL"
            message = f"the source of a COPY cannot be {kind}"
            raise scene.expander.failure("remote-copy", word.span, message, "use ADD")
        if is_url or is_git:
            message = f"{keyword} from {'git' if is_git else 'a URL'} is not built yet"
            help_text = "download the file before the build and copy it"
            raise scene.expander.failure("unsupported", word.span, message, help_text)
    if checksum is not None:
        message = "a checksum can only be asked of a URL or a git repository"
        raise scene.expander.failure("bad-checksum", checksum.span, message)


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
