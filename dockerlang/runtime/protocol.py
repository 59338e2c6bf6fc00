"""What the fork server, a child and the caller say to each other.

Each run has a socket pair of its own that keeps message boundaries. The caller holds one end: to close it ends the
run. Requests are pickled, since they go from the caller to what is a part of it; events are not.
"""

from __future__ import annotations

import json
import socket
from array import array
from enum import Enum
from pathlib import Path

from dockerlang.records import record
from dockerlang.runtime.in_root import Stub, Touched
from dockerlang.runtime.process import Process
from dockerlang.runtime.root import Root

LARGEST_MESSAGE = 1 << 20

ONLY_IF_UNMINDED = 0x80
"""Added to a signal's number: kill if the process would not notice the signal, and do nothing otherwise."""


class Step(Enum):
    """What was being done when a process could not be started; the value completes "cannot ...: reason"."""

    NAMESPACES = "make new namespaces"
    CONTROL_GROUP = "join the control group"
    MEMORY_SCORE = "set the out-of-memory score"
    NETWORK = "set up the network"
    PORTS = "publish the port"
    ROOT = "mount the root"
    FILESYSTEMS = "mount /proc, /sys and /dev"
    MOUNTS = "mount"
    ENTER = "enter the root"
    USER = "find the user"
    DIRECTORY = "enter the working directory"
    TERMINAL = "open a terminal"
    KERNEL = "set the kernel's parameter"
    LIMITS = "set the limit"
    PRIVILEGES = "give up privileges"
    IDENTITY = "become the user"
    EXECUTE = "execute"
    RUNTIME = "start the OCI runtime"


@record
class OciProgram:
    """An OCI runtime with its global arguments, and the path in each hierarchy of the control group it is to make."""

    path: str
    arguments: tuple[str, ...] = ()
    control_group: str = ""


@record
class Request:
    """A process to start. `directory` is the assembled root where no overlay can be mounted, None otherwise.

    `control_group` are the directories of the group to join, one for each hierarchy. With `oci_runtime` that program
    runs the process.
    """

    process: Process
    root: Root
    directory: Path | None
    control_group: tuple[Path, ...] = ()
    oci_runtime: OciProgram | None = None


@record
class Prepared:
    """From the child: which mount points it had to make, to be removed when the process has ended."""

    stubs: tuple[Stub, ...]
    touched: tuple[Touched, ...]


@record
class TerminalOpened:
    """From the child, with the master side's descriptor attached."""


@record
class Failed:
    """From the child: the process was not started. `number` is the error number, 0 where `text` says all."""

    step: Step
    number: int
    text: str


@record
class Ended:
    """From the server, last: the exit status 0..255, 128+n after signal n. Nothing of the process tree is left."""

    status: int


Event = Prepared | TerminalOpened | Failed | Ended


def send(channel: socket.socket, event: Event, descriptors: tuple[int, ...] = ()) -> None:
    """Send one event; raises OSError when the other side is gone."""
    socket.send_fds(channel, [_encode(event)], list(descriptors))


def receive(channel: socket.socket) -> tuple[Event | None, list[int]]:
    """The next event and the descriptors that came with it; None at the end."""
    data, descriptors = receive_raw(channel, 1)
    return (_decode(data) if data else None), descriptors


def receive_raw(channel: socket.socket, most_descriptors: int) -> tuple[bytes, list[int]]:
    """A message and its descriptors, which are closed on exec from the first moment; `socket.recv_fds` forgets that."""
    descriptors = array("i")
    space = socket.CMSG_LEN(most_descriptors * descriptors.itemsize)
    data, ancillary, _, _ = channel.recvmsg(LARGEST_MESSAGE, space, socket.MSG_CMSG_CLOEXEC)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    return data, list(descriptors)


def _encode(event: Event) -> bytes:
    """As JSON, names of files as Latin-1: whoever reads this can be told lies, but never be made to run code."""
    match event:
        case Prepared(stubs, touched):
            values: list[object] = [
                [[stub.path.decode("latin-1"), stub.is_directory] for stub in stubs],
                [[entry.path.decode("latin-1"), entry.before, entry.after] for entry in touched],
            ]
        case Failed(step, number, text):
            values = [step.name, number, text]
        case Ended(status):
            values = [status]
        case TerminalOpened():
            values = []
    return json.dumps([type(event).__name__, *values]).encode()


def _decode(data: bytes) -> Event:
    match json.loads(data):
        case ["Prepared", stubs, touched]:
            return Prepared(
                tuple(Stub(path.encode("latin-1"), is_directory) for path, is_directory in stubs),
                tuple(Touched(path.encode("latin-1"), before, after) for path, before, after in touched),
            )
        case ["Failed", name, number, text]:
            return Failed(Step[name], number, text)
        case ["Ended", status]:
            return Ended(status)
        case ["TerminalOpened"]:
            return TerminalOpened()
        case other:
            raise AssertionError(f"no such event: {other}")
