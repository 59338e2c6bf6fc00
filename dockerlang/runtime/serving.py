"""The fork server's own life: it starts what it is asked for, passes signals on, and buries what has ended.

The server is pid 1 of a pid namespace, and each run pid 1 of one inside that: when a run ends, the kernel ends all that
it started, and when the server ends, all runs and whatever else it has started.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime import kernel
from dockerlang.runtime.child import Child, become
from dockerlang.runtime.hierarchies import mounted_hierarchies
from dockerlang.runtime.oci_child import OciChild
from dockerlang.runtime.pasta import Networks, OwnNetwork
from dockerlang.runtime.process import Network
from dockerlang.runtime.protocol import Ended, Failed, Request, Step, receive_raw, send
from dockerlang.runtime.signalling import Run, Signals

READY = b"ready"
"""What the server says when it holds nothing of its parent's any more."""
START, CONNECT = b"start", b"connect"
"""What it is asked, with descriptors: a channel, and for a start the request and three streams."""

_MOST_DESCRIPTORS = 5


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
    control.send(READY)
    # Each child would have to read it anew: on a machine with many containers that is a long list.
    mounted_hierarchies()
    gc.collect()
    gc.freeze()
    gc.disable()
    _Server(control).run()
    os._exit(0)


@dataclass(slots=True, eq=False)
class _Wish:
    """What has been asked for and waits for its network: a run, or, without a request, only to be told of it."""

    channel: socket.socket
    request: Request | None = None
    streams: tuple[int, ...] = ()


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._runs: dict[int, Run] = {}
        self._waiting: dict[int, tuple[OwnNetwork, _Wish]] = {}
        self._signals = Signals()
        self._networks = Networks()
        self._own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def run(self) -> None:
        while True:
            for descriptor, _ in self._poll.poll(self._look_again()):
                if descriptor == self._control.fileno():
                    if not self._accept():
                        return self._end()
                    continue
                if descriptor in self._waiting:
                    self._look_at_network(descriptor)
                    continue
                run = self._runs.get(descriptor)
                if run is None:
                    continue
                if descriptor == run.handle:
                    self._reap(run)
                else:
                    self._obey(run)

    def _accept(self) -> bool:
        """Begin what is asked for; False when the caller has gone."""
        data, descriptors = receive_raw(self._control, _MOST_DESCRIPTORS)
        if not data:
            return False
        wish = _Wish(socket.socket(fileno=descriptors[0]))
        if data == START:
            with open(descriptors[1], "rb") as file:
                file.seek(0)
                wish.request = pickle.load(file)
            wish.streams = tuple(descriptors[2:])
        process = wish.request.process if wish.request is not None else None
        if process is not None and process.network is not Network.BRIDGE:
            self._fulfil(wish, None)
            return True
        try:
            network = self._networks.take()
        except (OSError, RuntimeFailure) as error:
            self._refuse(wish, Step.NETWORK, error)
            return True
        self._waiting[network.fileno()] = network, wish
        self._poll.register(network.fileno(), select.POLLIN)
        self._look_at_network(network.fileno())
        return True

    def _look_at_network(self, descriptor: int) -> None:
        """Go on with what waits for a network that has become one, or never will."""
        network, wish = self._waiting[descriptor]
        failure: RuntimeFailure | None = None
        try:
            if not network.is_connected():
                return
        except RuntimeFailure as error:
            failure = error
        del self._waiting[descriptor]
        self._poll.unregister(descriptor)
        if failure is not None:
            self._refuse(wish, Step.NETWORK, failure)
            network.close()
        elif wish.request is None:
            self._networks.give_back(network)
            _answer(wish.channel, "")
        else:
            self._fulfil(wish, network)

    def _fulfil(self, wish: _Wish, network: OwnNetwork | None) -> None:
        assert wish.request is not None
        process = wish.request.process
        forwarding, step = None, Step.PORTS
        try:
            if process.ports and network is not None:
                from dockerlang.runtime.forwarding import Forwarding

                forwarding = Forwarding(process.ports, network.namespace)
            step = Step.NAMESPACES
            pid = self._fork(wish.request, wish.channel, wish.streams, network)
        except (OSError, RuntimeFailure) as error:
            if forwarding is not None:
                forwarding.close()
            if network is not None:
                self._networks.give_back(network)
            self._refuse(wish, step, error)
            return
        for descriptor in wish.streams:
            os.close(descriptor)
        changes_network = "NET_ADMIN" in process.capabilities or bool(process.sysctls)
        run = Run(pid, os.pidfd_open(pid), wish.channel, network, changes_network, forwarding)
        for descriptor in (run.handle, run.channel.fileno()):
            self._runs[descriptor] = run
            self._poll.register(descriptor, select.POLLIN)

    def _fork(
        self, request: Request, channel: socket.socket, streams: tuple[int, ...], network: OwnNetwork | None
    ) -> int:
        # The next child, and only that, will be pid 1 of a new namespace.
        kernel.unshare(kernel.CLONE_NEWPID)
        try:
            pid = os.fork()
            if pid == 0:
                kind = Child if request.oci_runtime is None else OciChild
                namespace = None if network is None else network.namespace
                become(kind(request, channel, (streams[0], streams[1], streams[2]), namespace))
        finally:
            kernel.set_namespace(self._own_pid_namespace, kernel.CLONE_NEWPID)
        return pid

    def _refuse(self, wish: _Wish, step: Step, error: OSError | RuntimeFailure) -> None:
        for descriptor in wish.streams:
            os.close(descriptor)
        if wish.request is None:
            _answer(wish.channel, str(error))
        else:
            number, text = (error.errno or 0, str(error.strerror)) if isinstance(error, OSError) else (0, str(error))
            _tell(wish.channel, Failed(step, number, text))
            _tell(wish.channel, Ended(127))
            wish.channel.close()

    def _reap(self, run: Run) -> None:
        _, status = os.waitpid(run.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            code = 128 + (run.killed_for or -code)
        if run.forwarding is not None:
            run.forwarding.close()
        if run.network is not None:
            self._networks.give_back(run.network, is_changed=run.changes_network)
        _tell(run.channel, Ended(code))
        self._forget(run)

    def _obey(self, run: Run) -> None:
        """Deliver the signals that the caller sends; its silence for ever is SIGKILL."""
        numbers = run.channel.recv(64)
        self._signals.deliver(run, numbers)
        if not numbers:
            self._poll.unregister(run.channel)
            os.kill(run.pid, signal.SIGKILL)

    def _look_again(self) -> float | None:
        """See to what time alone decides; milliseconds until the next look."""
        now = time.monotonic()
        for descriptor in [each for each, (network, _) in self._waiting.items() if network.deadline <= now]:
            self._look_at_network(descriptor)
        times = [network.deadline for network, _ in self._waiting.values()]
        next_look = self._signals.look_again(now)
        if next_look is not None:
            times.append(next_look)
        return (min(times) - now) * 1000 if times else None

    def _forget(self, run: Run) -> None:
        self._signals.forget(run)
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


def _tell(channel: socket.socket, event: Failed | Ended) -> None:
    # It may be that nobody listens any more.
    with suppress(OSError):
        send(channel, event)


def _answer(channel: socket.socket, reason: str) -> None:
    with channel, suppress(OSError):
        # A byte of its own tells an empty reason from the end of the server.
        channel.send(b"\0" + reason.encode("utf-8", "replace"))


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
