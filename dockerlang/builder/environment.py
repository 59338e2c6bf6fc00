"""What the operations of one build work with: the store, the runtime, the contexts, and the time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from dockerlang.builder.contexts.protocol import BuildContext
from dockerlang.builder.files import SourceTree
from dockerlang.builder.layer_files import LayerFiles, LayerViews
from dockerlang.oci.digest import Digest
from dockerlang.records import record
from dockerlang.runtime.limits import NO_LIMITS, Resources
from dockerlang.runtime.process import Network
from dockerlang.store.operation import Operation

if TYPE_CHECKING:
    from dockerlang.runtime.namespaces import NamespaceRuntime
    from dockerlang.runtime.output import Cancellation

Log = Callable[[bytes, int], None]
"""Takes what a process prints, and the number of the stream: 1 is standard output, 2 standard error."""


class RuntimeSource:
    """The runtime of a build, started when a step first has to run: a build from the cache never needs it.

    A runtime that is `given` stays its owner's; one that is started here ends with `close`.
    """

    def __init__(self, given: NamespaceRuntime | None = None) -> None:
        self._given = given
        self._own: NamespaceRuntime | None = None
        self._starting = threading.Lock()
        self._cancellation: Cancellation | None = None

    def get(self) -> NamespaceRuntime:
        """The runtime. The first call is best made while there is one thread."""
        if self._given is not None:
            return self._given
        with self._starting:
            if self._own is None:
                from dockerlang.runtime.namespaces import NamespaceRuntime

                self._own = NamespaceRuntime()
            return self._own

    @property
    def cancellation(self) -> Cancellation:
        """What kills all steps of this build at once."""
        with self._starting:
            if self._cancellation is None:
                from dockerlang.runtime.output import Cancellation

                self._cancellation = Cancellation()
            return self._cancellation

    def cancel(self) -> None:
        """Kill what runs."""
        if self._given is not None or self._own is not None:
            self.cancellation.cancel()

    def end(self) -> None:
        """Begin to end the runtime if it was started here: all steps are done."""
        if self._own is not None:
            self._own.end()

    def close(self) -> None:
        """End the runtime if it was started here."""
        if self._own is not None:
            self._own.close()
        if self._cancellation is not None:
            self._cancellation.close()
            self._cancellation = None


@record
class Environment:
    """The world of one build.

    `now` is the time of what the build creates, in nanoseconds since 1970. `secrets` gives the values of `--secret`;
    they reach processes only. `agents` are the sockets of `--ssh` by their IDs. `network` is what `RUN` has where it
    does not ask for another (None for one of its own where that can be had, else the host's), `resources` what each may
    use at most. `caches_in_use` names the directories of cache mounts that this build has used: with
    `starts_caches_afresh` the first use empties one. With `keeps_failures` what a failed process changed is kept.
    """

    operation: Operation
    runtime: RuntimeSource
    contexts: Mapping[str, BuildContext]
    now: int
    secrets: Mapping[str, bytes] = field(default_factory=dict)
    agents: Mapping[str, Path] = field(default_factory=dict)
    network: Network | None = Network.HOST
    resources: Resources = NO_LIMITS
    starts_caches_afresh: bool = False
    keeps_failures: bool = True
    caches_in_use: set[str] = field(default_factory=set)
    views: LayerViews = field(default_factory=LayerViews)

    def layer_files(self, layers: tuple[Digest, ...]) -> LayerFiles:
        """The files of a stack of layers."""
        return self.views.files(self.operation.store, layers)


@record
class Result:
    """What a vertex gives to those that use it: layers, or files that come from elsewhere (a context, a download).

    `key` names how it was made; together with the layers it stands for the vertex in the keys of those that use it.
    """

    key: str
    layers: tuple[Digest, ...] = ()
    tree: SourceTree | None = None

    def files(self, environment: Environment) -> SourceTree:
        """The files to copy from."""
        if self.tree is not None:
            return self.tree
        return environment.layer_files(self.layers)

    def identity(self) -> list[object]:
        """What stands for this result in the key of a step that has it as its root: its making and its content."""
        return [self.key, [str(layer) for layer in self.layers]]
