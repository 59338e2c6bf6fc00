"""Joins a container's standard streams to this program's own, with or without a terminal in between."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from dockerlang.containers.log import LogWriter
from dockerlang.runtime.attached import Flow, attend, raw_mode, size_of_terminal
from dockerlang.runtime.namespaces import NamespaceRuntime, input_from
from dockerlang.runtime.process import Process, TerminalSize
from dockerlang.runtime.root import Root


def run_in_terminal(
    runtime: NamespaceRuntime, process: Process, root: Root, log: LogWriter | None, *, is_interactive: bool
) -> int:
    """Run a process that has a terminal of its own; its exit status. Raises what `NamespaceRuntime.run` raises.

    If interactive, keys go to it as they are pressed, and our own terminal leaves them alone.
    """
    listener = log.listener(is_error=False) if log is not None else None
    with input_from(None) as nothing, runtime.start(process, root, (nothing, nothing, nothing)) as running:
        terminal = running.await_terminal()
        flows = []
        if terminal is not None:
            flows.append(Flow(terminal, 1, is_output=True, listener=listener))
            if is_interactive:
                flows.append(Flow(0, terminal, is_output=False))
        with raw_mode(0) if is_interactive else nullcontext():
            return attend(running, flows, _window())


def run_with_streams(
    runtime: NamespaceRuntime, process: Process, root: Root, log: LogWriter | None, *, is_interactive: bool
) -> int:
    """Run a process on our streams; its exit status. Raises what `NamespaceRuntime.run` raises.

    Files and pipes of ours become the process's own where nothing is logged. Our terminal does not: the process sees a
    pipe, as in docker, and cannot reach through it. Without `is_interactive` its input is empty.
    """
    with ExitStack() as stack:
        flows = []
        theirs = []
        if not is_interactive:
            streams = [stack.enter_context(input_from(None))]
        elif not os.isatty(0):
            streams = [0]
        else:
            reading, writing = os.pipe2(os.O_CLOEXEC)
            flow = Flow(0, writing, is_output=False, closes_target=True)
            stack.callback(_close_target, flow)
            flows.append(flow)
            theirs.append(reading)
            streams = [reading]
        for number in (1, 2):
            if log is None and not os.isatty(number):
                streams.append(number)
                continue
            reading, writing = os.pipe2(os.O_CLOEXEC)
            stack.callback(os.close, reading)
            listener = log.listener(is_error=number == 2) if log is not None else None
            flows.append(Flow(reading, number, is_output=True, listener=listener))
            theirs.append(writing)
            streams.append(writing)
        try:
            running = stack.enter_context(runtime.start(process, root, (streams[0], streams[1], streams[2])))
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return attend(running, flows)


def run_detached(
    runtime: NamespaceRuntime,
    process: Process,
    root: Root,
    log: LogWriter,
    *,
    is_interactive: bool,
    on_start: Callable[[], None],
) -> int:
    """Run a process whose output goes to the log only; its exit status. Raises what `NamespaceRuntime.run` raises.

    Interactive, its input stays open although nobody writes to it. `on_start` is called once it has been started.
    """
    with ExitStack() as stack:
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        stack.callback(os.close, nowhere)
        source = stack.enter_context(_silence() if is_interactive else input_from(None))
        if process.terminal is not None:
            running = stack.enter_context(runtime.start(process, root, (source, source, source)))
            terminal = running.await_terminal()
            if not running.has_ended:
                on_start()
            listener = log.listener(is_error=False)
            return attend(running, [Flow(terminal, nowhere, is_output=True, listener=listener)] if terminal else [])
        flows, theirs = [], []
        for is_error in (False, True):
            reading, writing = os.pipe2(os.O_CLOEXEC)
            stack.callback(os.close, reading)
            flows.append(Flow(reading, nowhere, is_output=True, listener=log.listener(is_error=is_error)))
            theirs.append(writing)
        try:
            running = stack.enter_context(runtime.start(process, root, (source, theirs[0], theirs[1])))
        finally:
            # Only the process may hold the writing ends, or the end of its output would never be seen.
            for descriptor in theirs:
                os.close(descriptor)
        if not running.has_ended:
            on_start()
        return attend(running, flows)


@contextmanager
def _silence() -> Iterator[int]:
    """An input that neither gives anything nor ends."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


def terminal_size() -> TerminalSize:
    """The size that a new terminal should have: that of ours, or the usual one."""
    window = _window()
    return TerminalSize() if window is None else size_of_terminal(window)


def _close_target(flow: Flow) -> None:
    """Close the writing end of a pipe, unless the end of input has done that already."""
    if not flow.is_over:
        os.close(flow.target)


def _window() -> int | None:
    """Which of our streams is a terminal, if any is."""
    return next((number for number in (0, 1, 2) if os.isatty(number)), None)
