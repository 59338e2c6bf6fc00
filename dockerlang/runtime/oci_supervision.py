"""Stays with a container that an OCI runtime starts in the background, as the first process of the run's pid namespace.

That takes a terminal over, which the runtime sends through a socket, passes signals on, and buries orphans: the
container may have no pid namespace of its own, and so this process for its init.
"""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime.inherited import hide_origin
from dockerlang.runtime.init import PASSED_ON, wait_for
from dockerlang.runtime.process import TerminalSize
from dockerlang.runtime.protocol import TerminalOpened, send
from dockerlang.runtime.terminals import set_terminal_size

# In the bundle, which is the working directory: a store's own path may be too long for a socket.
_CONSOLE, _PID = Path("console"), Path("pid")
_LARGEST_COMPLAINT = 4096


def supervise(
    runtime: list[str], arguments: list[str], terminal: TerminalSize | None, channel: socket.socket
) -> NoReturn:
    """Start the container of the bundle in the working directory and end with its exit status.

    `runtime` is the program with its global arguments, `arguments` are those of its verb `run`. Raises OSError and
    RuntimeFailure where no container comes of it.
    """
    # Before there is anybody to see.
    hide_origin()
    detached = [*runtime, "run", "--detach", "--pid-file", str(_PID)]
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    if terminal is None:
        # The streams are the container's; so what the runtime complains of is there as well.
        _await_runtime(_start([*detached, *arguments], complaints=2), "its own words are in the error output")
    else:
        with _console_socket() as console, _complaints() as (reading, writing):
            pid = _start([*detached, "--console-socket", str(_CONSOLE), *arguments], complaints=writing)
            os.close(writing)
            complaint = _until_sent(console, reading)
            if complaint is None:
                for master in _receive(console):
                    set_terminal_size(master, terminal)
                    send(channel, TerminalOpened(), (master,))
                    os.close(master)
                complaint = os.read(reading, _LARGEST_COMPLAINT)
            _await_runtime(pid, complaint.decode("utf-8", "replace").strip())
    channel.close()
    wait_for(int(_PID.read_text()))


def _start(command: list[str], *, complaints: int) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            os.dup2(complaints, 2)
            # Python's copy: the variables themselves have just been wiped out.
            os.execve(command[0], command, dict(os.environ))
        finally:
            os._exit(127)
    return pid


def _await_runtime(pid: int, complaint: str) -> None:
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeFailure(complaint or f"it ended with {os.waitstatus_to_exitcode(status)}")


@contextmanager
def _console_socket() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(_CONSOLE))
        listening.listen()
        yield listening


@contextmanager
def _complaints() -> Iterator[tuple[int, int]]:
    """A pipe; whoever has started the runtime closes the end for writing."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    try:
        yield reading, writing
    finally:
        os.close(reading)


def _until_sent(console: socket.socket, complaints: int) -> bytes | None:
    """None when somebody sends to the console's socket; what the runtime had to say if it ends without that."""
    said = b""
    while True:
        ready, _, _ = select.select([console.fileno(), complaints], [], [])
        if console.fileno() in ready:
            return None
        block = os.read(complaints, _LARGEST_COMPLAINT)
        if not block:
            return said
        said = (said + block)[-_LARGEST_COMPLAINT:]


def _receive(console: socket.socket) -> list[int]:
    """The master side of the container's terminal; none where something goes wrong, of which the runtime will tell."""
    connection, _ = console.accept()
    with connection:
        _, descriptors, _, _ = socket.recv_fds(connection, 4096, 1)
    return descriptors
