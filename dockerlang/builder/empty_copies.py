"""A COPY or ADD that copies nothing and is no error: no file matches its patterns, or `--exclude` leaves out all.

The reference builds on without a word. Here the build goes on, too, and then says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dockerlang.builder.contexts.directory import ContextFiles
from dockerlang.builder.contexts.protocol import BuildContext
from dockerlang.builder.environment import Environment
from dockerlang.builder.files import SourceTree, walk
from dockerlang.builder.graph import CopyFiles, Vertex
from dockerlang.builder.missing_sources import context_name, context_of, place_of
from dockerlang.builder.selection import Selected, select
from dockerlang.builder.solver import Solved
from dockerlang.diagnostics import Diagnostic, Label, Severity
from dockerlang.semantics.ignore import Matcher

CODE = "copies-nothing"
_SHOWN = 3


def empty_copies(
    vertices: Sequence[Vertex], solved: Mapping[str, Solved], environment: Environment
) -> Iterator[Diagnostic]:
    """A warning for each of these steps that found nothing to copy."""
    for vertex in vertices:
        op = vertex.op
        if not isinstance(op, CopyFiles) or vertex.origin is None:
            continue
        trees = [solved[parent.digest].result.files(environment) for parent in vertex.inputs[1:]]
        selected = select(op, trees)
        if not selected:
            yield _no_match(op, vertex, environment)
        elif op.excludes and not _is_anything_left(selected, Matcher.of(op.excludes)):
            yield _all_excluded(selected, op, vertex)


def _no_match(op: CopyFiles, vertex: Vertex, environment: Environment) -> Diagnostic:
    first = op.sources[0].path
    patterns = " and ".join(f"`{source.path}`" for source in op.sources)
    context = context_of(vertex, environment)
    name = context_name(vertex)
    where = "there" if context is None else f"in the build context `{name}`" if name else "in the build context"
    hidden_by = "" if context is None else _hidden_by(op, context, environment)
    return Diagnostic(
        CODE,
        Severity.WARNING,
        place_of(first, vertex),
        f"nothing is copied: no file matches {patterns} {where}",
        f"hidden by {hidden_by}" if hidden_by else "",
        "" if context is None else f"the context is {context.place}",
    )


def _hidden_by(op: CopyFiles, context: BuildContext, environment: Environment) -> str:
    """The line of the ignore file that hides the first file that would match."""
    if not isinstance(context, ContextFiles) or context.ignore is None:
        return ""
    everything: SourceTree = ContextFiles(Path(context.place), None, environment.operation.store.build_cache)
    found = select(op, [everything] * max(source.input for source in op.sources))
    return context.hidden_by(found[0].file.path) if found else ""


def _all_excluded(selected: Sequence[Selected], op: CopyFiles, vertex: Vertex) -> Diagnostic:
    assert vertex.origin is not None
    flags = [flag for flag in vertex.origin.instruction.flags if flag.name == "exclude" and flag.value is not None]
    names = list(_names(selected))
    guilty = [flag for flag in flags if flag.value is not None and _leaves_out_any(flag.value.text, names)] or flags
    written = " and ".join(f"`--exclude={flag.value.text}`" for flag in guilty if flag.value is not None)
    files = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    verb = "leaves" if len(guilty) == 1 else "leave"
    return Diagnostic(
        CODE,
        Severity.WARNING,
        guilty[0].span,
        f"nothing is copied: {written} {verb} out all that the sources name",
        f"leaves out {files}" if len(guilty) == 1 else "",
        "patterns are matched against paths below each source; `!` in front of one brings files back",
        tuple(Label(flag.span, "and this one") for flag in guilty[1:]),
    )


def _is_anything_left(selected: Sequence[Selected], excludes: Matcher) -> bool:
    for item in selected:
        if not item.file.is_directory:
            # Without --parents a pattern never leaves out what a source names itself.
            if not item.parents or not excludes.matches(_text(item.parents)):
                return True
        elif any(not excludes.matches(name) for name in _names([item])):
            return True
    return False


def _names(selected: Sequence[Selected]) -> Iterator[str]:
    """The paths that patterns of `--exclude` are matched against."""
    for item in selected:
        if not item.file.is_directory:
            yield _text(item.parents or item.name)
            continue
        base = len(item.file.path) - len(item.parents) if item.parents else len(item.file.path) + 1
        for file in walk(item.tree, item.file.path):
            yield _text(file.path[base if item.file.path else 0 :])


def _leaves_out_any(pattern: str, names: Sequence[str]) -> bool:
    matcher = Matcher.of([pattern])
    return any(map(matcher.matches, names))


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
