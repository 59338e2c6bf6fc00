"""What the fork server, a child and the caller say to each other.

Each run has a socket pair of its own that keeps message boundaries. The caller holds one end: to close it ends the
run. Both ends belong to the same program and the same user, so that messages are pickled values.
"""

from __future__ import annotations

import pickle
import socket
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from dockerlang.runtime.in_root import Stub, Touched
from dockerlang.runtime.process import Process
from dockerlang.runtime.root import Root

LARGEST_MESSAGE = 1 << 20

ONLY_IF_UNMINDED = 0x80
"""Added to a signal's number: kill if the process would not notice the signal, and do nothing otherwise."""


class Step(Enum):
    """What was being done when a process could not be started; the value completes "cannot ...: reason"."""

    NAMESPACES = "make new namespaces"
    NETWORK = "set up the loopback interface"
    ROOT = "mount the root"
    FILESYSTEMS = "mount /proc, /sys and /dev"
    MOUNTS = "mount"
    ENTER = "enter the root"
    USER = "find the user"
    DIRECTORY = "enter the working directory"
    TERMINAL = "open a terminal"
    PRIVILEGES = "give up privileges"
    IDENTITY = "become the user"
    EXECUTE = "execute"


@dataclass(frozen=True, slots=True)
class Request:
    """A process to start. `directory` is the assembled root where no overlay can be mounted, None otherwise."""

    process: Process
    root: Root
    directory: Path | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """From the child: which mount points it had to make, to be removed when the process has ended."""

    stubs: tuple[Stub, ...]
    touched: tuple[Touched, ...]


@dataclass(frozen=True, slots=True)
class TerminalOpened:
    """From the child, with the master side's descriptor attached."""


@dataclass(frozen=True, slots=True)
class Failed:
    """From the child: the process was not started. `number` is the error number, 0 where `text` says all."""

    step: Step
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """From the server, last: the exit status 0..255, 128+n after signal n. Nothing of the process tree is left."""

    status: int


Event = Prepared | TerminalOpened | Failed | Ended


def send(channel: socket.socket, event: Event, descriptors: tuple[int, ...] = ()) -> None:
    """Send one event; raises OSError when the other side is gone."""
    socket.send_fds(channel, [pickle.dumps(event)], list(descriptors))


def receive(channel: socket.socket) -> tuple[Event | None, list[int]]:
    """The next event and the descriptors that came with it; None at the end."""
    data, descriptors, _, _ = receive_raw(channel, 1)
    if not data:
        return None, descriptors
    event: Event = pickle.loads(data)
    return event, descriptors


def receive_raw(channel: socket.socket, most_descriptors: int) -> tuple[bytes, list[int], int, object]:
    """`socket.recv_fds` for descriptors that are closed on exec from the first moment."""
    return socket.recv_fds(channel, LARGEST_MESSAGE, most_descriptors, socket.MSG_CMSG_CLOEXEC)
