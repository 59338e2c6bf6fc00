"""What the operations of one build work with: the store, the runtime, the contexts, and the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dockerlang.builder.context import ContextFiles
from dockerlang.builder.files import SourceTree
from dockerlang.builder.layer_files import LayerFiles
from dockerlang.oci.digest import Digest
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.output import Cancellation
from dockerlang.runtime.process import Network
from dockerlang.store.operation import Operation

Log = Callable[[bytes], None]


@dataclass(frozen=True)
class Environment:
    """The world of one build.

    `now` is the time of what the build creates, in nanoseconds since 1970. `secrets` gives the values of `--secret`;
    they reach processes only. `network` is what `RUN` has where it does not ask for another.
    """

    operation: Operation
    runtime: NamespaceRuntime
    contexts: Mapping[str, ContextFiles]
    now: int
    secrets: Mapping[str, bytes] = field(default_factory=dict)
    network: Network = Network.HOST
    starts_caches_afresh: bool = False
    cancellation: Cancellation = field(default_factory=Cancellation)


@dataclass(frozen=True)
class Result:
    """What a vertex gives to those that use it: layers, or the files of a context.

    `key` names how it was made; together with the layers it stands for the vertex in the keys of those that use it.
    """

    key: str
    layers: tuple[Digest, ...] = ()
    context: ContextFiles | None = None

    def files(self, environment: Environment) -> SourceTree:
        """The files to copy from."""
        if self.context is not None:
            return self.context
        return LayerFiles(environment.operation.store, self.layers)

    def identity(self) -> list[object]:
        """What stands for this result in the key of a step that has it as its root: its making and its content."""
        return [self.key, [str(layer) for layer in self.layers]]
