"""Attends to a process from a terminal or a pipe: passes input, output, signals and the window's size on.

For the main thread only, since it takes over the handling of signals while the process runs.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import struct
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dockerlang.runtime.process import TerminalSize
from dockerlang.runtime.running import RunningProcess
from dockerlang.runtime.terminals import set_terminal_size

_BLOCK = 1 << 16
FORWARDED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
"""The signals that are passed on to the process."""
_IMPATIENCE = 3  # so many requests to end, and the process is killed


@dataclass
class Flow:
    """Bytes on their way from one descriptor to another; what was read waits in `buffer` until it can be written.

    `is_output` says that it comes from the process: at the end all of it is passed on, or dropped where nobody takes it
    any more. With `closes_target`, the target's reader learns of the source's end. `listener` is told of all that was
    read.
    """

    source: int
    target: int
    is_output: bool
    closes_target: bool = False
    listener: Callable[[bytes], None] | None = None
    buffer: bytes = b""
    is_over: bool = False
    is_dropped: bool = False
    sent: bytes = b""


def attend(running: RunningProcess, flows: list[Flow], window: int | None = None) -> int:
    """Keep everything flowing until the process has ended; its exit status.

    Signals to this program go to the process: one that would end it does, and after the third the whole tree is
    killed. `window` is the terminal whose size the process's terminal keeps. Raises what `RunningProcess.wait` raises.
    """
    with _signals() as wakeups, _unblocked(flows):
        requests_to_end = 0
        while not running.has_ended:
            for descriptor in _wait(running.fileno(), wakeups, flows):
                if descriptor == running.fileno():
                    running.advance()
                elif descriptor == wakeups:
                    for number in os.read(wakeups, 64):
                        if number == signal.SIGWINCH:
                            _resize(running, window)
                            continue
                        requests_to_end += number in {signal.SIGINT, signal.SIGTERM}
                        running.signal(signal.SIGKILL if requests_to_end >= _IMPATIENCE else number)
                for flow in flows:
                    if descriptor == (flow.target if flow.buffer else flow.source):
                        _move(flow)
                        if flow.target == running.terminal and _is_interrupt(flow):
                            # The terminal has told all but pid 1, which the kernel spares.
                            running.signal_if_unminded(signal.SIGINT)
        _drain(flows)
    return running.wait()


def size_of_terminal(descriptor: int) -> TerminalSize:
    """Rows and columns of a terminal; the usual ones where it does not say."""
    rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8)))
    return TerminalSize(rows, columns) if rows and columns else TerminalSize()


@contextmanager
def raw_mode(descriptor: int) -> Iterator[None]:
    """Have a terminal pass on every key as it is; its mode comes back afterwards."""
    before = termios.tcgetattr(descriptor)
    tty.setraw(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def _signals() -> Iterator[int]:
    """A descriptor from which the numbers of arriving signals can be read, in place of their usual effect."""
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    handled = (*FORWARDED, signal.SIGWINCH)
    before = {number: signal.signal(number, lambda *_: None) for number in handled}
    old_writing = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(old_writing)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


@contextmanager
def _unblocked(flows: list[Flow]) -> Iterator[None]:
    """Make input never wait for a process that does not read, and leave descriptors as they were found."""
    targets = {flow.target for flow in flows if not flow.is_output}
    before = {target: os.get_blocking(target) for target in targets}
    for target in targets:
        os.set_blocking(target, False)
    try:
        yield
    finally:
        for flow in flows:
            if flow.target in targets and not (flow.closes_target and flow.is_over):
                os.set_blocking(flow.target, before[flow.target])


def _wait(process: int, wakeups: int, flows: list[Flow]) -> list[int]:
    poll = select.poll()
    poll.register(process, select.POLLIN)
    poll.register(wakeups, select.POLLIN)
    interests: dict[int, int] = {}
    for flow in flows:
        if flow.buffer:
            interests[flow.target] = interests.get(flow.target, 0) | select.POLLOUT
        elif not flow.is_over:
            interests[flow.source] = interests.get(flow.source, 0) | select.POLLIN
    for descriptor, interest in interests.items():
        poll.register(descriptor, interest)
    return [descriptor for descriptor, _ in poll.poll()]


def _move(flow: Flow) -> None:
    """One read and one write, as far as they can be had at once; the end of either side ends the flow."""
    try:
        if not flow.buffer:
            flow.buffer = os.read(flow.source, _BLOCK)
            if not flow.buffer:
                _end(flow)
                return
            if flow.listener is not None:
                flow.listener(flow.buffer)
        if not flow.is_dropped:
            flow.sent = flow.buffer[: os.write(flow.target, flow.buffer)]
            flow.buffer = flow.buffer[len(flow.sent) :]
        else:
            flow.buffer = b""
    except BlockingIOError:
        return
    except OSError as error:
        # A terminal whose last user is gone answers EIO, a pipe that nobody reads EPIPE.
        if error.errno not in {errno.EIO, errno.EPIPE}:
            raise
        if flow.is_output and flow.buffer:
            flow.buffer = b""
            flow.is_dropped = True
        else:
            _end(flow)


def _is_interrupt(flow: Flow) -> bool:
    """Whether what was just written holds the key that interrupts, on a terminal that heeds it."""
    sent, flow.sent = flow.sent, b""
    if not sent:
        return False
    attributes = termios.tcgetattr(flow.target)
    return bool(attributes[3] & termios.ISIG) and attributes[6][termios.VINTR] in sent


def _end(flow: Flow) -> None:
    if not flow.is_over:
        flow.is_over = True
        if flow.closes_target:
            os.close(flow.target)


def _drain(flows: list[Flow]) -> None:
    for flow in flows:
        while flow.is_output and not flow.is_over:
            _move(flow)


def _resize(running: RunningProcess, window: int | None) -> None:
    if running.terminal is not None and window is not None:
        set_terminal_size(running.terminal, size_of_terminal(window))
