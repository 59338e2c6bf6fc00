"""The embedded runtime: runs a process in fresh namespaces, with nothing to install and no daemon.

Needs Linux 5.3 (5.11 without root). `start` is for callers that attend to a process themselves, as a terminal does.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from types import TracebackType

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime.cgroups import control_group_for
from dockerlang.runtime.copying import CopiedRoot
from dockerlang.runtime.fork_server import ForkServer
from dockerlang.runtime.output import Cancellation, Output, Sink
from dockerlang.runtime.overlay import UNSUPPORTED
from dockerlang.runtime.process import Network, Process
from dockerlang.runtime.protocol import Request, Step
from dockerlang.runtime.root import Root
from dockerlang.runtime.running import RunningProcess


class Snapshots(Enum):
    """How a root is put together from its layers."""

    OVERLAY = "overlay"
    COPY = "copy"


class NamespaceRuntime:
    """Runs processes; make it while the program has one thread, and close it (or use `with`) at the end.

    Overlay mounts are tried first, unless `snapshots` says otherwise; where the kernel or a filesystem refuses them,
    roots are copied from then on.
    """

    def __init__(self, snapshots: Snapshots = Snapshots.OVERLAY) -> None:
        self._server = ForkServer()
        self._preferred = snapshots
        # Filesystems, by device number, on which an overlay could not be mounted.
        self._without_overlay: set[int] = set()
        self._asking = threading.Lock()
        self._answer: socket.socket | None = None
        self._reason_against_network: str | None = None

    def __enter__(self) -> NamespaceRuntime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def end(self) -> None:
        """Begin to close: there will be no more runs. The kernel takes a while to take networks apart."""
        self._server.end()

    def close(self) -> None:
        """Kill what still runs and end the fork server."""
        if self._answer is not None:
            self._answer.close()
        self._server.close()

    def prepare_network(self) -> None:
        """Begin to connect a network, so that the first process with `BRIDGE` need not wait for it."""
        with self._asking:
            self._ask_for_network()

    def reason_against_network(self) -> str:
        """Why processes cannot have the network `BRIDGE`; empty when they can. The first call waits for a network."""
        with self._asking:
            if self._reason_against_network is None:
                with self._ask_for_network() as answer:
                    data = answer.recv(1 << 16)
                if not data:
                    raise RuntimeFailure("the fork server has ended unexpectedly")
                self._reason_against_network = data[1:].decode("utf-8", "replace")
            return self._reason_against_network

    def default_network(self) -> Network:
        """A network of its own where that can be had, else the host's."""
        return Network.HOST if self.reason_against_network() else Network.BRIDGE

    def _ask_for_network(self) -> socket.socket:
        if self._answer is None:
            self._answer = self._server.connect()
        return self._answer

    def run(
        self,
        process: Process,
        root: Root,
        *,
        sink: Sink | None = None,
        stdin: int | None = None,
        timeout: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> int:
        """Run a process to its end and give its exit status, 128+n after signal n.

        Output goes to `sink`, or to this program's own streams without one; input comes from the descriptor `stdin`,
        or is empty. `timeout` is in seconds. However this returns, nothing of the process tree is left.
        Raises ProcessNotStarted, ProcessTimeout, Cancelled.
        """
        with (
            Output(sink) as output,
            input_from(stdin) as source,
            self.start(process, root, (source, *output.descriptors)) as running,
        ):
            output.close_writing_ends()
            return output.attend(running, timeout=timeout, cancellation=cancellation)

    def start(self, process: Process, root: Root, streams: tuple[int, int, int]) -> RunningProcess:
        """Start a process on three descriptors; returns when its root is mounted, or could not be."""
        if not process.args:
            raise RuntimeFailure("no command was given to run")
        root.adopt_attributes()
        device = root.upper.stat().st_dev
        if self._preferred is Snapshots.OVERLAY and device not in self._without_overlay:
            running = self._begin(process, root, streams, None)
            failure = running.await_root()
            if failure is None or failure.step is not Step.ROOT or failure.number not in UNSUPPORTED:
                return running
            running.close()
            self._without_overlay.add(device)
        copied = CopiedRoot(root)
        copied.assemble()
        running = self._begin(process, root, streams, copied)
        running.await_root()
        return running

    def _begin(
        self, process: Process, root: Root, streams: tuple[int, int, int], copied: CopiedRoot | None
    ) -> RunningProcess:
        group = control_group_for(process.resources)
        directories = group.directories if group else ()
        request = Request(process, root, copied.directory if copied else None, directories)
        return RunningProcess(request, self._server.start(request, streams), copied, group)


@contextmanager
def input_from(descriptor: int | None) -> Iterator[int]:
    """The descriptor itself, or one that is at its end."""
    if descriptor is not None:
        yield descriptor
        return
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield nothing
    finally:
        os.close(nothing)
