"""Networks of their own for processes, which the program pasta (Debian's package `passt`) connects to the host's.

pasta is an ordinary process that speaks TCP, UDP and echo requests for those in a network namespace; it needs no
privilege and no configuration of the host. The fork server starts it inside its own pid namespace, so that it ends with
that however that ends. To start one takes about 25 ms, during which nobody waits: the steps of a build take turns in
those that there are.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import struct
import time
from contextlib import suppress
from typing import NoReturn

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime import kernel
from dockerlang.runtime.name_files import FORWARDED_RESOLVER, is_resolver_forwarded
from dockerlang.runtime.overlay import in_user_namespace

_PATIENCE = 10.0  # seconds
_INTERFACE = "eth0"
_TUNSETIFF, _TUNSETPERSIST, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x400454CB, 0x0002, 0x1000
_NETWORK, _READY = 3, 4  # pasta's descriptors
_ARGUMENTS = (
    # In the foreground it stays our child.
    "--foreground", "--quiet", "--config-net", "--netns", f"/proc/self/fd/{_NETWORK}", "--ns-ifname", _INTERFACE,
    # It writes its number where it is told to once everything is set up.
    "--pid", f"/proc/self/fd/{_READY}",
    "--no-dhcp", "--no-dhcpv6", "--no-ra",
    # The host's loopback is its own matter, as with docker.
    "--no-map-gw", "--tcp-ns", "none", "--udp-ns", "none", "--tcp-ports", "none", "--udp-ports", "none",
    # With the usual 65520 bytes versions of 2023 are several times slower.
    "--mtu", "16000",
)  # fmt: skip
_NOISE = ("Failed to send",)  # where there is no syslog
_STAMP = re.compile(r"^\d+\.\d+: ")


class OwnNetwork:
    """A network namespace and the pasta that serves it; `namespace` is its descriptor.

    When this is made pasta begins its work. `fileno` is readable when that is done or has failed, and `deadline`, by
    the monotonic clock, is when it counts as failed.
    """

    def __init__(self) -> None:
        """Raises RuntimeFailure that says why it cannot be done."""
        program = _program()
        if program is None:
            raise RuntimeFailure("the program pasta is not on PATH")
        self.deadline = time.monotonic() + _PATIENCE
        self.namespace = _new_namespace()
        self._has_connected = False
        self._pid = 0
        try:
            self._pid, self._ready, self._complaints = _start(program, self.namespace)
        except BaseException:
            os.close(self.namespace)
            raise

    def fileno(self) -> int:
        """The descriptor to poll."""
        return self._ready

    def is_connected(self) -> bool:
        """Whether pasta has done its work; raises RuntimeFailure where it has given up, or takes too long."""
        if self._has_connected:
            return True
        try:
            self._has_connected = bool(os.read(self._ready, 16))
        except BlockingIOError:
            if time.monotonic() < self.deadline:
                return False
            raise RuntimeFailure("pasta cannot connect a network: it does not come to an end with that") from None
        if not self._has_connected:
            os.waitpid(self._pid, 0)
            self._pid = 0
            raise RuntimeFailure(f"pasta cannot connect a network: {_last_complaint(self._complaints)}")
        return True

    def is_served(self) -> bool:
        """Whether pasta still lives."""
        if self._pid and os.waitpid(self._pid, os.WNOHANG)[0]:
            self._pid = 0
        return bool(self._pid)

    def close(self) -> None:
        """End pasta; the namespace ends with the processes in it."""
        if self.is_served():
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0
        for descriptor in (self.namespace, self._ready, self._complaints):
            os.close(descriptor)


class Networks:
    """The networks of one fork server. No two processes are in the same one at the same time."""

    def __init__(self) -> None:
        self._idle: list[OwnNetwork] = []

    def take(self) -> OwnNetwork:
        """A network, which may still have to become connected. Raises RuntimeFailure."""
        while self._idle:
            network = self._idle.pop()
            if network.is_served():
                return network
            network.close()
        return OwnNetwork()

    def give_back(self, network: OwnNetwork, *, is_changed: bool = False) -> None:
        """Keep the network for the next process, unless one may have changed it."""
        if is_changed:
            network.close()
        else:
            self._idle.append(network)


def _program() -> str | None:
    places = (os.path.join(directory, "pasta") for directory in os.get_exec_path())
    return next((place for place in places if os.access(place, os.X_OK)), None)


def _new_namespace() -> int:
    """A new network namespace's descriptor. It is made by a fork: in a user namespace there would be no way back."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        child = os.fork()
        if child == 0:
            _make_namespace(theirs)
        theirs.close()
        message, descriptors, _, _ = socket.recv_fds(mine, 16, 1)
        os.waitpid(child, 0)
    if not descriptors:
        raise RuntimeFailure(f"cannot make a network namespace: {os.strerror(int(message or b'0'))}")
    os.set_inheritable(descriptors[0], False)
    return descriptors[0]


def _make_namespace(answers: socket.socket) -> NoReturn:
    try:
        kernel.unshare(kernel.CLONE_NEWNET)
        _make_interface()
        socket.send_fds(answers, [b"0"], [os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)])
    except OSError as error:
        answers.send(str(error.errno).encode())
    finally:
        os._exit(0)


def _make_interface() -> None:
    """The interface of which pasta is to be the other side.

    pasta would make it, but then each pasta's end waited until the kernel has taken it apart. This one stays for the
    namespace's own end, for which nobody waits.
    """
    with suppress(OSError), open("/dev/net/tun", "r+b", buffering=0) as interface:
        fcntl.ioctl(interface, _TUNSETIFF, struct.pack("16sH22x", _INTERFACE.encode(), _IFF_TAP | _IFF_NO_PI))
        fcntl.ioctl(interface, _TUNSETPERSIST, 1)


def _start(program: str, namespace: int) -> tuple[int, int, int]:
    """pasta's pid, the pipe to which it writes that the network is there, and the one to which it complains."""
    ready, ready_writing = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(ready, False)
    # pasta gets both ends: whatever it says later neither blocks nor ends it, though nobody reads.
    complaints, complaints_writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    sources = (complaints, complaints_writing, complaints_writing, namespace, ready_writing)
    # First out of the way of the numbers that they are to have.
    moved = [fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, len(sources)) for source in sources]
    try:
        pid = os.posix_spawn(
            program,
            [program, *_ARGUMENTS, *_identity(), *_resolving()],
            {},
            file_actions=[(os.POSIX_SPAWN_DUP2, source, number) for number, source in enumerate(moved)],
            # Versions of 2023 take it for a failure that a signal is ignored already, as this one is by Python.
            setsigdef=[signal.SIGPIPE],
        )
    except OSError as error:
        os.close(ready)
        os.close(complaints)
        raise RuntimeFailure(f"cannot start {program}: {error.strerror}") from error
    finally:
        for descriptor in (ready_writing, complaints_writing, *moved):
            os.close(descriptor)
    return pid, ready, complaints


def _last_complaint(complaints: int) -> str:
    """What it gave up for comes last, after what it did without."""
    text = os.read(complaints, 1 << 16).decode("utf-8", "replace")
    lines = [_STAMP.sub("", line).strip() for line in text.splitlines() if not line.startswith(_NOISE)]
    return next(filter(None, reversed(lines)), "it does not say why")


def _identity() -> tuple[str, ...]:
    """As root, pasta would become `nobody`, who may not enter a namespace of root's."""
    return () if in_user_namespace() else ("--runas", "0:0")


def _resolving() -> tuple[str, ...]:
    """Only where it is needed: all answers of the host's resolver then come from that address, whoever was asked."""
    return ("--dns-forward", FORWARDED_RESOLVER) if is_resolver_forwarded() else ()
