"""Named contexts in the graph: what replaces a stage, a base image or a source of files."""

from __future__ import annotations

from dockerlang.builder.contexts.named import DirectoryContext, FileContext, GitContext, ImageContext
from dockerlang.builder.graph import (
    ContextSource,
    ContextUse,
    CopyFiles,
    CopySource,
    GitSource,
    HttpSource,
    Vertex,
)
from dockerlang.builder.lower.state import SCRATCH, StageState, scratch_state
from dockerlang.oci.platform import Platform
from dockerlang.records import replace
from dockerlang.semantics.gitref import GitReference
from dockerlang.text import Span

FilesContext = DirectoryContext | GitContext | FileContext


def context_files(key: str, context: FilesContext | ImageContext, place: Span) -> Vertex:
    """The files of a context that is no image, or the empty one; `place` is where the Dockerfile names it."""
    use = ContextUse(key, place)
    match context:
        case DirectoryContext():
            return Vertex(ContextSource(key), (), f"[context {key}] load from client", use=use)
        case GitContext(reference):
            name = f"[context {key}] load git source {reference.with_fragment}"
            return Vertex(git_source(reference), (), name, use=use)
        case FileContext(url):
            return Vertex(HttpSource(url), (), f"[context {key}] {url}", use=use)
        case ImageContext():
            return SCRATCH


def git_source(reference: GitReference) -> GitSource:
    """The files of a repository that is a context."""
    return GitSource(reference, reference.checksum, bool(reference.keeps_git_directory))


def context_state(
    label: str, key: str, context: FilesContext | ImageContext, platform: Platform, place: Span
) -> StageState:
    """The state after `FROM` such a context: its files on nothing, and an empty config.

    The layer has no entry in the history: the exporter adds one.
    """
    state = scratch_state(label, platform)
    files = context_files(key, context, place)
    if files is SCRATCH:
        return state
    copy = CopyFiles((CopySource("/"),), (), "/")
    vertex = Vertex(copy, (SCRATCH, files), f"[context {key}] copy to the root", use=files.use)
    return replace(state, vertex=vertex, base_files=vertex)
