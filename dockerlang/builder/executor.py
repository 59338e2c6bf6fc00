"""Carries out the operations of the graph: what each is made of, and what it makes.

What only doing the work needs is imported there, so that a build from the cache starts quickly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dockerlang.builder.environment import Environment, Log, Result
from dockerlang.builder.file_list import FileList
from dockerlang.builder.files import SourceTree
from dockerlang.builder.graph import (
    ContextSource,
    CopyFiles,
    Definition,
    Exec,
    GitSource,
    HttpSource,
    ImageSource,
    MakeDirectory,
    Merge,
    Vertex,
    key_of,
)
from dockerlang.builder.layer_files import LayerFiles
from dockerlang.builder.mounted import exec_ingredients
from dockerlang.oci.digest import Digest

if TYPE_CHECKING:
    from dockerlang.builder.workspace import Workspace

_NAME_FILES = ("etc/passwd", "etc/group")


class Executor:
    """Runs vertices in one environment; used from many threads."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def given(self, vertex: Vertex, inputs: tuple[Result, ...]) -> Result | None:
        """The result of an operation that only passes on what is there; None where there is work to do."""
        match vertex.op:
            case ImageSource() as source:
                return Result(key_of(source.definition()), source.layers)
            case ContextSource() as source:
                return Result(key_of(source.definition()), tree=self.environment.contexts[source.name])
            case Merge() as merge:
                key = key_of([merge.definition(), [result.key for result in inputs]])
                return Result(key, tuple(layer for result in inputs for layer in result.layers))
            case _:
                return None

    def fetch(self, vertex: Vertex) -> Result | None:
        """The files of a source that has to be brought here; None for every other operation."""
        match vertex.op:
            case HttpSource() as source:
                from dockerlang.builder.ops.http import fetch_url

                return fetch_url(source, self.environment)
            case GitSource() as source:
                from dockerlang.builder.ops.git import fetch_repository

                return fetch_repository(source, self.environment)
            case _:
                return None

    def is_step(self, vertex: Vertex) -> bool:
        """Whether there is something to do for the vertex, or was when it was made."""
        return not isinstance(vertex.op, (ImageSource, ContextSource, Merge))

    def is_fetched(self, vertex: Vertex) -> bool:
        """Whether `fetch` has something to do for the vertex."""
        return isinstance(vertex.op, (HttpSource, GitSource))

    def prepare(self, vertex: Vertex, waiting: Iterable[Vertex]) -> None:
        """Told before work on a vertex begins, the first that the cache does not know, while there is one thread.

        `waiting` are those that come later, in order.
        """
        if not any(isinstance(each.op, Exec) for each in (vertex, *waiting)):
            return
        runtime = self.environment.runtime.get()
        # A step on top of one that is made anew will run, and want its network.
        anew = {vertex.digest}
        for each in (vertex, *waiting):
            if each is not vertex and not any(parent.digest in anew for parent in each.inputs):
                continue
            anew.add(each.digest)
            if isinstance(each.op, Exec) and each.op.network == "default" and self.environment.network is None:
                runtime.prepare_network()
                break

    def end(self) -> None:
        """Told when all work is done."""
        self.environment.runtime.end()

    def ingredients(self, vertex: Vertex, inputs: tuple[Result, ...], files: FileList | None = None) -> Definition:
        """What the result depends on; equal ingredients, equal results. The files among them are noted in `files`."""
        match vertex.op:
            case Exec() as op:
                return exec_ingredients(op, inputs, self.environment, files)
            case CopyFiles() as op:
                return self._copy_ingredients(op, inputs, files)
            case MakeDirectory() as op:
                return {"operation": op.definition(), "root": inputs[0].identity()}
        raise AssertionError(vertex.op)

    def run(self, vertex: Vertex, inputs: tuple[Result, ...], log: Log) -> Digest:
        """Do the work; the diff ID of the layer that the operation adds to its first input."""
        match vertex.op:
            case Exec() as op:
                from dockerlang.builder.ops.run import run_process

                return run_process(op, inputs, self.environment, log)
            case CopyFiles() as op:
                return self._copy(op, inputs)
            case MakeDirectory() as op:
                from dockerlang.builder.ops.directory import make_directory
                from dockerlang.builder.workspace import Workspace

                now = self.environment.now if op.epoch is None else op.epoch * 10**9
                below = self.environment.layer_files(inputs[0].layers)
                workspace = Workspace(below.tree, now)
                make_directory(op, workspace, below)
                return self._commit(workspace)
        raise AssertionError(vertex.op)

    def _copy_ingredients(self, op: CopyFiles, inputs: tuple[Result, ...], files: FileList | None) -> Definition:
        made: Definition = {"operation": op.definition(), "root": inputs[0].identity()}
        if op.sources:
            from dockerlang.builder.content import content_digest
            from dockerlang.builder.selection import select

            made["content"] = content_digest(select(op, self._trees(inputs)), op.excludes, files)
        if _names_someone(op.owner):
            below = self.environment.layer_files(inputs[0].layers)
            made["users"] = key_of([(below.read(path) or b"").decode("utf-8", "replace") for path in _NAME_FILES])
        return made

    def _copy(self, op: CopyFiles, inputs: tuple[Result, ...]) -> Digest:
        from dockerlang.builder.ops.copy import attributes_of, copy_files
        from dockerlang.builder.selection import select
        from dockerlang.builder.workspace import Workspace

        below = self.environment.layer_files(inputs[0].layers)
        workspace = Workspace(below.tree, self.environment.now)
        attributes = attributes_of(op, self._owner(op, inputs[0], below))
        copy_files(op, select(op, self._trees(inputs)), workspace, attributes)
        return self._commit(workspace)

    def _trees(self, inputs: tuple[Result, ...]) -> list[SourceTree]:
        return [result.files(self.environment) for result in inputs[1:]]

    def _owner(self, op: CopyFiles, root: Result, below: LayerFiles) -> tuple[int, int] | None:
        if not op.owner:
            return None
        from dockerlang.runtime.users import resolve_ownership

        passwd, group = (below.read(path) for path in _NAME_FILES) if root.layers else (None, None)
        ownership = resolve_ownership(op.owner, passwd, group)
        return ownership.uid, ownership.gid

    def _commit(self, workspace: Workspace) -> Digest:
        from dockerlang.oci.layer import LayerWriter

        with self.environment.operation.new_layer() as sink:
            return sink.commit(workspace.write(LayerWriter(sink))).diff_id


def _names_someone(owner: str) -> bool:
    return any(part and not part.isdecimal() for part in owner.split(":"))
