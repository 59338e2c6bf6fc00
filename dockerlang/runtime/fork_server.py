"""A process of one thread that does the forking, so that a builder with many threads never forks: the caller's end.

A fork of a process with threads may inherit a lock that nobody holds any more. The server is started once, while
there is one thread (or as a fresh interpreter where it is too late for that), holds no file of its parent's, and dies
with it. `dockerlang.runtime.serving` is its own life.
"""

from __future__ import annotations

import os
import pickle
import socket
import sys

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime.protocol import Request
from dockerlang.runtime.serving import CONNECT, READY, START, serve


class ForkServer:
    """The caller's end. `start` may be called from any thread; each returns the channel of one run."""

    def __init__(self) -> None:
        """Start the server; takes a few milliseconds, or about fifty where this process has threads already."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._pid = _fork_server(theirs) if _is_single_threaded() else _spawn_server(theirs)
        # From here on nothing of ours is open in the server.
        if self._control.recv(len(READY)) != READY:
            raise RuntimeFailure("the fork server could not be started")

    def start(self, request: Request, streams: tuple[int, int, int]) -> socket.socket:
        """Ask for a process with these standard streams; the events arrive on the returned channel.

        To send a signal's number (one byte) delivers the signal, or kills where the process, being pid 1, would not
        even notice it (with `ONLY_IF_UNMINDED` only the latter); to close the channel kills.
        """
        with open(os.memfd_create("request"), "w+b") as body:
            pickle.dump(request, body)
            body.flush()
            return self._ask(START, body.fileno(), *streams)

    def connect(self) -> socket.socket:
        """Ask for a network with a way out, for the first process that wants one of its own.

        Once it is there, or cannot be had, the returned channel gives the reason against it, which is empty for none.
        """
        return self._ask(CONNECT)

    def end(self) -> None:
        """Tell the server to kill what still runs, and to end; `close` waits for that."""
        self._control.close()

    def close(self) -> None:
        """Kill what still runs, and the server."""
        self.end()
        if self._pid:
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _ask(self, what: bytes, *descriptors: int) -> socket.socket:
        """Send a request with the one end of a new channel; the other end."""
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [what], [theirs.fileno(), *descriptors])
            except OSError as error:
                mine.close()
                raise RuntimeFailure(f"the fork server has ended: {error.strerror}") from error
        return mine


def _is_single_threaded() -> bool:
    return len(os.listdir("/proc/self/task")) == 1


def _fork_server(control: socket.socket) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            serve(control)
        finally:
            os._exit(1)
    return pid


def _spawn_server(control: socket.socket) -> int:
    """Start the server as an interpreter of its own that finds the same modules."""
    program = (
        "import socket, sys; sys.path[:] = sys.argv[2:]\n"
        "from dockerlang.runtime.serving import serve\n"
        "serve(socket.socket(fileno=int(sys.argv[1])))"
    )
    descriptor = control.fileno()
    arguments = [sys.executable, "-I", "-S", "-c", program, str(descriptor), *sys.path]
    os.set_inheritable(descriptor, True)
    return os.posix_spawn(sys.executable, arguments, os.environ)
