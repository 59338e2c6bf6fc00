"""The build graph: operations that mirror BuildKit's LLB (source, exec, file, merge) and the vertices they hang on.

A vertex is an operation on the results of other vertices, with the instruction that it came from. Its digest names what
it would do: equal digests are one piece of work, also between builds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dockerlang.builder.exec_limits import NO_EXEC_LIMITS, ExecLimits
from dockerlang.oci.digest import Digest
from dockerlang.records import record
from dockerlang.semantics.gitref import GitReference
from dockerlang.syntax import nodes
from dockerlang.text import Span

Definition = dict[str, Any]
WILDCARDS = frozenset("*?[")
"""What makes a pattern of a path."""


# ---------------------------------------------------------------- operations


@record
class ImageSource:
    """The layers of an image; `image_id` is its config's digest."""

    reference: str
    image_id: Digest
    layers: tuple[Digest, ...]

    def definition(self) -> Definition:
        return {"op": "image", "layers": [str(layer) for layer in self.layers]}


@record
class ContextSource:
    """A directory of the client: the build context (name empty) or a named one. It has files, but no layers."""

    name: str = ""

    def definition(self) -> Definition:
        return {"op": "context", "name": self.name}


@record
class HttpSource:
    """One file behind a URL; `checksum` (`sha256:...`) is what it must be, if given."""

    url: str
    checksum: str = ""

    def definition(self) -> Definition:
        return {"op": "http", "url": self.url, "checksum": self.checksum}


@record
class GitSource:
    """A git repository as files; `checksum` is the commit (or its start) that it must be, if given."""

    reference: GitReference
    checksum: str = ""
    keeps_git_directory: bool = False

    def definition(self) -> Definition:
        reference = self.reference
        return {
            "op": "git",
            "remote": reference.remote,
            "ref": reference.ref,
            "directory": reference.subdirectory,
            "checksum": self.checksum or reference.checksum,
            "keeps git": self.keeps_git_directory,
            "submodules": reference.has_submodules,
            "mtime": reference.mtime,
        }


@record
class BindMount:
    """Files of an input (`input` counts the vertex's inputs) at `target`; what is written to it is discarded."""

    target: str
    input: int
    source: str = "/"
    is_read_only: bool = True


@record
class CacheMount:
    """A directory that outlives the build; on first use it holds what `input`, if any, has at `source`."""

    target: str
    id: str
    is_default_id: bool
    sharing: str = "shared"
    input: int | None = None
    source: str = "/"
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    is_read_only: bool = False


@record
class TmpfsMount:
    """An empty file system in memory; `size` in bytes, None for no limit."""

    target: str
    size: int | None = None


@record
class SecretMount:
    """A secret as a file, as an environment variable, or both."""

    id: str
    target: str | None
    variable: str | None = None
    is_required: bool = False
    mode: int = 0o400
    uid: int = 0
    gid: int = 0


@record
class SshMount:
    """The socket of an agent, which the caller forwards under `id`."""

    target: str
    id: str
    is_required: bool = False
    mode: int = 0o600
    uid: int = 0
    gid: int = 0


Mount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount


@record
class Exec:
    """Run a process in the file system of the first input; the result adds what it changed.

    `proxy_environment` reaches the process but not the definition, as in the reference. `script` is the content of a
    heredoc that begins with `#!`; it stands at `script_path` while the process runs.
    """

    args: tuple[str, ...]
    environment: tuple[str, ...]
    cwd: str
    user: str
    network: str = "default"
    security: str = "sandbox"
    mounts: tuple[Mount, ...] = ()
    proxy_environment: tuple[str, ...] = ()
    script: str = ""
    script_path: str = ""
    hostname: str = ""
    extra_hosts: tuple[tuple[str, str], ...] = ()
    limits: ExecLimits = NO_EXEC_LIMITS

    def definition(self) -> Definition:
        made: Definition = {
            "op": "exec",
            "args": list(self.args),
            "environment": list(self.environment),
            "cwd": self.cwd,
            "user": self.user,
            "network": self.network,
            "security": self.security,
            "mounts": [_mount_definition(mount) for mount in self.mounts],
            "script": self.script,
            "hostname": self.hostname,
            **self.limits.definition(),
        }
        if self.extra_hosts:
            # Their addresses are no part of the key, as in the reference.
            made["extra hosts"] = [name for name, _ in self.extra_hosts]
        return made


def _mount_definition(mount: Mount) -> Definition:
    """What of a mount makes a step another step: not the secrets' values, nor how a cache is named and shared."""
    match mount:
        case BindMount():
            return {"bind": mount.target, "input": mount.input, "read-only": mount.is_read_only}
        case CacheMount():
            identifier = mount.target if mount.is_default_id else "custom"
            sharing = "shared" if mount.sharing == "shared" else "custom"
            return {"cache": mount.target, "id": identifier, "sharing": sharing}
        case TmpfsMount():
            return {"tmpfs": mount.target, "size": mount.size}
        case SecretMount():
            return {"secret": mount.target, "id": mount.id, "variable": mount.variable}
        case SshMount():
            return {"ssh": mount.target}


@record
class InlineFile:
    """A file that stands in the Dockerfile itself (a heredoc); mode 0644, root's."""

    name: str
    content: str


@record
class CopySource:
    """A path or pattern in one of the vertex's inputs; a file that is an archive is unpacked with `unpacks`."""

    path: str
    input: int = 1
    unpacks: bool = False


@record
class CopyFiles:
    """Copy `sources` and inline files into the first input."""

    sources: tuple[CopySource, ...]
    inline_files: tuple[InlineFile, ...]
    destination: str
    owner: str = ""
    mode: str = ""
    keeps_parents: bool = False
    excludes: tuple[str, ...] = ()
    is_add: bool = False

    @property
    def has_patterns(self) -> bool:
        """Whether patterns decide about all that is copied: it may be nothing then."""
        if not self.sources or self.inline_files:
            return False
        return bool(self.excludes) or all(WILDCARDS.intersection(source.path) for source in self.sources)

    def definition(self) -> Definition:
        return {
            "op": "add" if self.is_add else "copy",
            "sources": [self._source_definition(source) for source in self.sources],
            "inline": [[file.name, file.content] for file in self.inline_files],
            "destination": self.destination,
            "owner": self.owner,
            "mode": self.mode,
            "parents": self.keeps_parents,
            "exclude": list(self.excludes),
        }

    def _source_definition(self, source: CopySource) -> list[object]:
        path = source.path if self.keeps_parents else _last_component(source.path)
        return [path, source.input, source.unpacks]


def _last_component(path: str) -> str:
    # The directory of a source is no part of the key, as in the reference: its content is.
    return path.rstrip("/").rpartition("/")[2]


@record
class MakeDirectory:
    """Create a directory with its parents, owned by `owner` (as USER names it); an existing one stays as it is."""

    path: str
    owner: str = ""
    epoch: int | None = None

    def definition(self) -> Definition:
        return {"op": "mkdir", "path": self.path, "owner": self.owner, "epoch": self.epoch}


@record
class Merge:
    """Stack the layers of all inputs, which were made independently of each other."""

    def definition(self) -> Definition:
        return {"op": "merge"}


Op = ImageSource | ContextSource | HttpSource | GitSource | Exec | CopyFiles | MakeDirectory | Merge


# ---------------------------------------------------------------- vertices


@record
class Origin:
    """The instruction of which a vertex is a part and the name of its stage, for messages."""

    instruction: nodes.Instruction
    stage: str


@record
class ContextUse:
    """A named build context that a vertex is part of, and the place in the Dockerfile that asks for it."""

    key: str
    place: Span


@dataclass(frozen=True, slots=True, eq=False)
class Vertex:
    """An operation with its inputs. `name` is what progress shows; with `ignores_cache` it is run in any case.

    A part of a named context has a `use` in place of an `origin`.
    """

    op: Op
    inputs: tuple[Vertex, ...] = ()
    name: str = ""
    origin: Origin | None = None
    ignores_cache: bool = False
    use: ContextUse | None = None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        definition = [self.op.definition(), [parent.digest for parent in self.inputs]]
        object.__setattr__(self, "digest", key_of(definition))


def key_of(value: object) -> str:
    """A digest of a JSON value: equal values, equal keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def in_order(*targets: Vertex) -> Iterator[Vertex]:
    """The vertices that the targets need and the targets, each once, inputs before what uses them."""
    seen: set[str] = set()
    for target in targets:
        yield from _in_order(target, seen)


def _in_order(target: Vertex, seen: set[str]) -> Iterator[Vertex]:
    # Long chains of steps are deeper than Python's stack: the stack is our own.
    stack: list[tuple[Vertex, Iterator[Vertex]]] = [(target, iter(target.inputs))]
    if target.digest in seen:
        return
    seen.add(target.digest)
    while stack:
        vertex, rest = stack[-1]
        below = next((parent for parent in rest if parent.digest not in seen), None)
        if below is None:
            stack.pop()
            yield vertex
        else:
            seen.add(below.digest)
            stack.append((below, iter(below.inputs)))
