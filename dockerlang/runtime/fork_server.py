"""A process of one thread that does the forking, so that a builder with many threads never forks.

A fork of a process with threads may inherit a lock that nobody holds any more. The server is started once, while
there is one thread (or as a fresh interpreter where it is too late for that), holds no file of its parent's, and dies
with it. The server is pid 1 of a pid namespace, and each run pid 1 of one inside that: when a run ends, the kernel
ends all that it started, and when the server ends, all runs.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from typing import NoReturn

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime import kernel
from dockerlang.runtime.child import Child, become
from dockerlang.runtime.oci_child import OciChild
from dockerlang.runtime.protocol import ONLY_IF_UNMINDED, Ended, Failed, Request, Step, receive_raw, send

_ENDING_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM})
_GROUP_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT})
_SECOND_LOOKS = (0.05, 0.5)  # seconds after a signal
_READY = b"ready"
_PER_RUN = 5  # the request, the channel, and three streams


class ForkServer:
    """The caller's end. `start` may be called from any thread; each returns the channel of one run."""

    def __init__(self) -> None:
        """Start the server; takes a few milliseconds, or about fifty where this process has threads already."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._pid = _fork_server(theirs) if _is_single_threaded() else _spawn_server(theirs)
        # From here on nothing of ours is open in the server.
        if self._control.recv(len(_READY)) != _READY:
            raise RuntimeFailure("the fork server could not be started")

    def start(self, request: Request, streams: tuple[int, int, int]) -> socket.socket:
        """Ask for a process with these standard streams; the events arrive on the returned channel.

        To send a signal's number (one byte) delivers the signal, or kills where the process, being pid 1, would not
        even notice it (with `ONLY_IF_UNMINDED` only the latter); to close the channel kills.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, open(os.memfd_create("request"), "w+b") as body:
            pickle.dump(request, body)
            body.flush()
            try:
                socket.send_fds(self._control, [b"start"], [body.fileno(), theirs.fileno(), *streams])
            except OSError as error:
                mine.close()
                raise RuntimeFailure(f"the fork server has ended: {error.strerror}") from error
        return mine

    def close(self) -> None:
        """Kill what still runs, and the server."""
        if self._control.fileno() >= 0:
            self._control.close()
            os.waitpid(self._pid, 0)


def serve(control: socket.socket) -> NoReturn:
    """The server's life: until the caller closes its end, or dies."""
    os.setsid()
    _forget_the_parent(control)
    # To be back in one's own pid namespace after each fork takes power over it, which a process in a user namespace
    # has only over one that it made itself.
    kernel.unshare(kernel.CLONE_NEWPID)
    pid = os.fork()
    if pid:
        control.close()
        os.waitpid(pid, 0)
        os._exit(0)
    control.send(_READY)
    gc.collect()
    gc.freeze()
    gc.disable()
    _Server(control).run()
    os._exit(0)


@dataclass(slots=True, eq=False)
class _Run:
    pid: int
    handle: int  # a pidfd, readable when the process has ended
    channel: socket.socket
    killed_for: int = 0  # the signal that was meant where it was killed instead


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._runs: dict[int, _Run] = {}
        self._second_looks: list[tuple[float, _Run, int]] = []
        self._own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def run(self) -> None:
        while True:
            for descriptor, _ in self._poll.poll(self._look_again()):
                if descriptor == self._control.fileno():
                    if not self._accept():
                        return self._end()
                    continue
                run = self._runs.get(descriptor)
                if run is None:
                    continue
                if descriptor == run.handle:
                    self._reap(run)
                else:
                    self._obey(run)

    def _accept(self) -> bool:
        """Start what is asked for; False when the caller has gone."""
        data, descriptors = receive_raw(self._control, _PER_RUN)
        if not data:
            return False
        body, channel_descriptor, *streams = descriptors
        channel = socket.socket(fileno=channel_descriptor)
        with open(body, "rb") as file:
            file.seek(0)
            request: Request = pickle.load(file)
        try:
            pid = self._fork(request, channel, (streams[0], streams[1], streams[2]))
        except OSError as error:
            _tell(channel, Failed(Step.NAMESPACES, error.errno or 0, str(error.strerror)))
            _tell(channel, Ended(127))
            channel.close()
        else:
            run = _Run(pid, os.pidfd_open(pid), channel)
            for descriptor in (run.handle, channel.fileno()):
                self._runs[descriptor] = run
                self._poll.register(descriptor, select.POLLIN)
        finally:
            for descriptor in streams:
                os.close(descriptor)
        return True

    def _fork(self, request: Request, channel: socket.socket, streams: tuple[int, int, int]) -> int:
        # The next child, and only that, will be pid 1 of a new namespace.
        kernel.unshare(kernel.CLONE_NEWPID)
        try:
            pid = os.fork()
            if pid == 0:
                become((Child if request.oci_runtime is None else OciChild)(request, channel, streams))
        finally:
            kernel.set_namespace(self._own_pid_namespace, kernel.CLONE_NEWPID)
        return pid

    def _reap(self, run: _Run) -> None:
        _, status = os.waitpid(run.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            code = 128 + (run.killed_for or -code)
        _tell(run.channel, Ended(code))
        self._forget(run)

    def _obey(self, run: _Run) -> None:
        """Deliver the signals that the caller sends; its silence for ever is SIGKILL."""
        data = run.channel.recv(64)
        for byte in data:
            number = byte & ~ONLY_IF_UNMINDED
            if number in _ENDING_SIGNALS:
                self._kill_unless_minded(run, number)
                now = time.monotonic()
                self._second_looks += [(now + delay, run, number) for delay in _SECOND_LOOKS]
            if number != byte:
                continue
            if number in _GROUP_SIGNALS:
                # As from a terminal: to all that the process has left in its group.
                os.killpg(run.pid, number)
            else:
                os.kill(run.pid, number)
        if not data:
            self._poll.unregister(run.channel)
            os.kill(run.pid, signal.SIGKILL)

    def _kill_unless_minded(self, run: _Run, number: int) -> None:
        """Kill for a signal that the kernel, out of care for pid 1, would not let end it."""
        if not _minds(run.handle, number):
            run.killed_for = number
            os.kill(run.pid, signal.SIGKILL)

    def _look_again(self) -> float | None:
        """See whether signals have been minded after all; milliseconds until the next look.

        The proper way to die of a caught signal is to raise it once more without a handler, and that, too, does nothing
        in pid 1.
        """
        now = time.monotonic()
        due = [look for look in self._second_looks if look[0] <= now]
        self._second_looks = [look for look in self._second_looks if look[0] > now]
        for _, run, number in due:
            if self._runs.get(run.handle) is run:
                self._kill_unless_minded(run, number)
        return min((look[0] - now) * 1000 for look in self._second_looks) if self._second_looks else None

    def _forget(self, run: _Run) -> None:
        for descriptor in (run.handle, run.channel.fileno()):
            self._runs.pop(descriptor)
            try:
                self._poll.unregister(descriptor)
            except KeyError:
                # The caller had closed its end before.
                continue
        os.close(run.handle)
        run.channel.close()

    def _end(self) -> None:
        runs = set(self._runs.values())
        for run in runs:
            os.kill(run.pid, signal.SIGKILL)
        for run in runs:
            os.waitpid(run.pid, 0)


def _minds(handle: int, number: int) -> bool:
    """Whether a process catches or ignores a signal. Pid 1 does not die of one that it leaves alone."""
    with open(f"/proc/self/fdinfo/{handle}", "rb") as file:
        pid = next(int(line.split()[1]) for line in file if line.startswith(b"Pid:"))
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            masks = [int(line.split()[1], 16) for line in file if line.startswith((b"SigIgn:", b"SigCgt:"))]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return any(mask >> (number - 1) & 1 for mask in masks)


def _tell(channel: socket.socket, event: Failed | Ended) -> None:
    try:
        send(channel, event)
    except OSError:
        # Nobody listens any more.
        return


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
        "from dockerlang.runtime.fork_server import serve\n"
        "serve(socket.socket(fileno=int(sys.argv[1])))"
    )
    descriptor = control.fileno()
    arguments = [sys.executable, "-I", "-S", "-c", program, str(descriptor), *sys.path]
    os.set_inheritable(descriptor, True)
    return os.posix_spawn(sys.executable, arguments, os.environ)


def _forget_the_parent(control: socket.socket) -> None:
    """Close every file but the control socket: locks and pipes of the parent must not outlive it in here."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    kept = control.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, max(int(name) for name in os.listdir("/proc/self/fd")) + 1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGWINCH, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
