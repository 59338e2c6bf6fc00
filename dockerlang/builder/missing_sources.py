"""A source of COPY, ADD or a mount that is not there: the likeliest cause, and where was looked."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence

from dockerlang.builder.contexts.protocol import BuildContext
from dockerlang.builder.environment import Environment
from dockerlang.builder.files import SourceTree, normalise, resolve
from dockerlang.builder.graph import ContextSource, CopyFiles, Vertex
from dockerlang.builder.near_names import near_path
from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.syntax import nodes
from dockerlang.text import Source, Span

CODE = "copy-source-missing"


def missing_source(
    path: str, vertex: Vertex, source: Source, environment: Environment, trees: Sequence[SourceTree]
) -> Diagnostic:
    """What to say of a path that a step needs and none of its inputs has; `trees` are the inputs' files."""
    assert vertex.origin is not None
    span = place_of(path, vertex)
    context = context_of(vertex, environment)
    if context is None:
        where = _stage_of(vertex.origin.instruction)
        found = next((near for tree in trees if (near := near_path(tree, normalise(path)))), "")
        help_text = "paths begin at the root of the stage" + (f"; there is `/{found}`" if found else "")
        return Diagnostic(CODE, Severity.ERROR, span, f"`{path}` does not exist {where}", help=help_text)
    name = context_name(vertex)
    which = f"the build context `{name}`" if name else "the build context"
    message = f"nothing matches `{path}` in {which}"
    cleaned = normalise(path)
    hidden_by = context.hidden_by(cleaned)
    if hidden_by:
        help_text = f"add `!{_shown(cleaned)}` after that line, or build from another context"
        return Diagnostic(CODE, Severity.ERROR, span, message, f"hidden by {hidden_by}", help_text)
    cause, help_text = _likely_cause(path, source.slice(span), context)
    short = f"the context `{name}`" if name else "the context"
    help_text = f"{short} is {context.place}" + (f"; {help_text}" if help_text else "")
    return Diagnostic(CODE, Severity.ERROR, span, message, cause, help_text)


def place_of(path: str, vertex: Vertex) -> Span:
    """Where the instruction names a source; all of it where that cannot be told."""
    assert vertex.origin is not None
    match vertex.origin.instruction:
        case nodes.Transfer() as instruction if isinstance(vertex.op, CopyFiles):
            words = [word for word in instruction.sources if isinstance(word, nodes.Word)]
            paths = [source.path for source in vertex.op.sources]
            if path in paths and len(words) == len(paths):
                return words[paths.index(path)].span
            return instruction.statement
        case nodes.Run() as instruction:
            options = (mount.option("source", "src") for mount in instruction.mounts)
            values = (option.value for option in options if option is not None and option.value is not None)
            return next((value.span for value in values if value.text == path), instruction.statement)
        case instruction:
            return instruction.statement


def context_of(vertex: Vertex, environment: Environment) -> BuildContext | None:
    """The build context that a step takes files from, if it does."""
    if any(isinstance(parent.op, ContextSource) for parent in vertex.inputs[1:]):
        return environment.contexts[context_name(vertex)]
    return None


def context_name(vertex: Vertex) -> str:
    """The name of that context, empty for the main one."""
    return next((parent.op.name for parent in vertex.inputs[1:] if isinstance(parent.op, ContextSource)), "")


def _stage_of(instruction: nodes.Instruction) -> str:
    flag = instruction.flag("from") if isinstance(instruction, nodes.Copy) else None
    return "there" if flag is None or flag.value is None else f"in `{flag.value.text}`"


def _likely_cause(path: str, written: str, context: BuildContext) -> tuple[str, str]:
    """What stands under the path, and the next step; the first cause that fits."""
    if "\\" in written:
        meant = written.partition(":")[2] if written[1:3] == ":\\" else written
        meant = meant.replace("\\", "/").lstrip("/")
        step = f"write `{meant}`" if resolve(context, normalise(meant)) is not None else "separate directories by `/`"
        return "a backslash only escapes what follows it", step
    if posixpath.normpath(path).startswith(".."):
        step = "build from a directory above it and name the Dockerfile with -f, or add that one with --build-context"
        return "leads out of the context, which holds nothing from above its root", step
    if path.startswith("/") and os.path.lexists(path):
        below = posixpath.relpath(path, context.place) if context.place.startswith("/") else ".."
        is_inside = not below.startswith("..")
        step = f"write `{below}`" if is_inside else "copy it there first, or name its directory with --build-context"
        return "paths begin at the root of the context, not of this machine", step
    file = _file_on_the_way(context, normalise(path))
    if file:
        return f"`{file}` is a file and no directory", ""
    near = near_path(context, normalise(path))
    return "", f"there is `{near}`" if near else ""


def _file_on_the_way(tree: SourceTree, path: bytes) -> str:
    """The part of a path that would have to be a directory and is none."""
    parts = path.split(b"/")
    for count in range(1, len(parts)):
        found = resolve(tree, b"/".join(parts[:count]))
        if found is None:
            return ""
        if not found.is_directory:
            return _shown(b"/".join(parts[:count]))
    return ""


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "replace")
