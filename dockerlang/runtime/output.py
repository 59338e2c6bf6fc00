"""Where a process's output goes while it runs: pipes that are read into a sink."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from enum import Enum
from types import TracebackType

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime.running import RunningProcess

_BLOCK = 1 << 16


class Stream(Enum):
    """Which of the two output streams; the value is its descriptor in the process."""

    STDOUT = 1
    STDERR = 2


Sink = Callable[[Stream, bytes], None]
"""Takes output as it comes, in blocks that end anywhere; called in the thread that runs the process."""


class ProcessTimeout(RuntimeFailure):
    """The process ran for longer than it was given, and was killed."""


class Cancelled(RuntimeFailure):
    """The run was cancelled by another thread, and the process killed."""


class Cancellation:
    """A switch that ends every run it was given to, from any thread, once and for all. `close` it in the end."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def close(self) -> None:
        """Give the descriptor back."""
        # Not when the object is collected: that happens in forked processes too, which have other files by then.
        os.close(self._descriptor)

    def cancel(self) -> None:
        """Kill what runs, and let nothing new start."""
        os.eventfd_write(self._descriptor, 1)

    def fileno(self) -> int:
        """Readable from the moment of `cancel`."""
        return self._descriptor


class Output:
    """The writing ends for a process, and the reading ends for us; without a sink, this program's own streams."""

    def __init__(self, sink: Sink | None) -> None:
        self._sink = sink
        self._reading: dict[int, Stream] = {}
        self._writing: list[int] = []
        for stream in Stream if sink is not None else ():
            reading, writing = os.pipe2(os.O_CLOEXEC)
            self._reading[reading] = stream
            self._writing.append(writing)

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_writing_ends()
        for descriptor in self._reading:
            os.close(descriptor)
        self._reading.clear()

    @property
    def descriptors(self) -> tuple[int, int]:
        """Standard output and standard error for the process."""
        return (self._writing[0], self._writing[1]) if self._writing else (1, 2)

    def close_writing_ends(self) -> None:
        """To be called once the process has them, or the end of its output would never be seen."""
        while self._writing:
            os.close(self._writing.pop())

    def attend(
        self, running: RunningProcess, *, timeout: float | None = None, cancellation: Cancellation | None = None
    ) -> int:
        """Pass output on until the process has ended and all is read; its exit status.

        Raises ProcessTimeout after `timeout` seconds, Cancelled, and what `RunningProcess.advance` raises.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        poll = select.poll()
        for descriptor in (*self._reading, running.fileno()):
            poll.register(descriptor, select.POLLIN)
        if cancellation is not None:
            poll.register(cancellation, select.POLLIN)
        while not running.has_ended:
            events = poll.poll(None if deadline is None else max(0, deadline - time.monotonic()) * 1000)
            if not events:
                raise ProcessTimeout(f"the process did not end within {timeout:g} seconds and was killed")
            for descriptor, _ in events:
                if cancellation is not None and descriptor == cancellation.fileno():
                    raise Cancelled("the process was cancelled")
                if descriptor == running.fileno():
                    running.advance()
                elif not self._pass_on(descriptor):
                    poll.unregister(descriptor)
        # Nothing can write any more: what is in the pipes is all there is.
        for descriptor in self._reading:
            while self._pass_on(descriptor):
                continue
        return running.wait()

    def _pass_on(self, descriptor: int) -> bool:
        data = os.read(descriptor, _BLOCK)
        if data and self._sink is not None:
            self._sink(self._reading[descriptor], data)
        return bool(data)
