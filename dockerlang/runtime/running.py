"""A started process as its caller holds it: what has happened to it, signals to it, and its end."""

from __future__ import annotations

import errno
import os
import signal
import socket
from pathlib import Path
from types import TracebackType

from dockerlang.errors import RuntimeFailure
from dockerlang.runtime.cgroups import ControlGroup
from dockerlang.runtime.copying import CopiedRoot
from dockerlang.runtime.in_root import remove_stubs
from dockerlang.runtime.overlay import in_user_namespace
from dockerlang.runtime.protocol import (
    ONLY_IF_UNMINDED,
    Ended,
    Failed,
    Prepared,
    Request,
    Step,
    TerminalOpened,
    receive,
)
from dockerlang.runtime.scratch import remove_scratch


class ProcessNotStarted(RuntimeFailure):
    """The process never ran. `exit_code` is docker's: 127 not found, 126 not executable, 125 anything else."""

    def __init__(self, step: Step, number: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.step = step
        self.number = number
        self.exit_code = 125
        if step is Step.EXECUTE:
            self.exit_code = 127 if number in {errno.ENOENT, errno.ENOTDIR} else 126


class RunningProcess:
    """One run, from its request to its end. As a context manager it kills on leaving what still runs.

    `fileno` becomes readable when `advance` has something to take, until `has_ended`. `terminal` is the master side of
    the process's terminal once there is one; whoever uses it leaves closing it to this object.
    """

    def __init__(
        self,
        request: Request,
        channel: socket.socket,
        copied: CopiedRoot | None,
        control_group: ControlGroup | None = None,
    ) -> None:
        self.terminal: int | None = None
        self.status: int | None = None
        self._request = request
        self._channel = channel
        self._copied = copied
        self._control_group = control_group
        self._failure: Failed | None = None
        self._prepared: Prepared | None = None
        self._is_finished = False

    def __enter__(self) -> RunningProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def has_ended(self) -> bool:
        """Whether nothing of the process tree is left."""
        return self.status is not None

    def close(self) -> None:
        """Kill what still runs, wait for its end, and clear away what was made for it."""
        try:
            if self.status is None and self._channel.fileno() >= 0:
                self.kill()
                while self.status is None:
                    self._take_event()
            self._finish()
        finally:
            self._channel.close()
            if self.terminal is not None:
                os.close(self.terminal)
                self.terminal = None

    def fileno(self) -> int:
        """The descriptor to poll for events."""
        return self._channel.fileno()

    def await_root(self) -> Failed | None:
        """Wait until the root is mounted; what went wrong, if it went wrong before that."""
        while self._prepared is None and self.status is None:
            self._take_event()
        return self._failure if self.status is not None else None

    def advance(self) -> None:
        """Take one event, waiting for it; `has_ended` tells whether it was the last.

        Raises RuntimeFailure if the fork server is gone.
        """
        self._take_event()

    def wait(self) -> int:
        """The exit status, after the end and when `upper` holds the changes.

        Raises ProcessNotStarted if it never came to run, and RuntimeFailure if the fork server is gone.
        """
        while self.status is None:
            self._take_event()
        self._finish()
        if self._failure is not None:
            raise _not_started(self._failure, self._request)
        return self.status

    def await_terminal(self) -> int | None:
        """Wait for the process's terminal; None when it ended before it had one."""
        while self.terminal is None and self.status is None:
            self._take_event()
        return self.terminal

    def signal(self, number: int) -> None:
        """Deliver a signal that ends what does not mind it; nothing happens when the process has ended."""
        self._send(number)

    def signal_if_unminded(self, number: int) -> None:
        """End the process as if by a signal, unless it minds that signal: then it is taken to have got it already."""
        self._send(number | ONLY_IF_UNMINDED)

    def _send(self, number: int) -> None:
        try:
            self._channel.send(bytes((number,)))
        except OSError as error:
            if error.errno not in {errno.EPIPE, errno.ECONNRESET, errno.EBADF}:
                raise

    def kill(self) -> None:
        """Kill the whole tree; its end is still to be waited for."""
        self.signal(signal.SIGKILL)

    def _take_event(self) -> None:
        event, descriptors = receive(self._channel)
        match event:
            case None:
                self._channel.close()
                raise RuntimeFailure("the fork server has ended unexpectedly")
            case Prepared():
                self._prepared = event
            case TerminalOpened():
                self.terminal = descriptors[0]
            case Failed():
                self._failure = event
            case Ended():
                self.status = event.status

    def _finish(self) -> None:
        """Once, at the end: take the mount points out of the root, and let `upper` hold the changes."""
        if self._is_finished:
            return
        self._is_finished = True
        if self._control_group is not None:
            self._control_group.close()
        remove_scratch(self._request.root)
        directory: Path = self._request.root.upper if self._copied is None else self._copied.directory
        if self._prepared is not None:
            remove_stubs(directory, self._prepared.stubs, self._prepared.touched)
        if self._copied is not None:
            self._copied.fold()


def _not_started(failure: Failed, request: Request) -> ProcessNotStarted:
    program = request.process.args[0] if request.process.args else ""
    match failure.step:
        case Step.EXECUTE:
            message = f"cannot execute '{program}': {failure.text}"
        case Step.USER | Step.PORTS:
            message = failure.text
        case Step.IDENTITY:
            message = f"cannot run as user '{request.process.user}': {failure.text}"
        case Step.LIMITS:
            message = f"cannot set the limit {failure.text}"
        case step:
            message = f"cannot {step.value}: {failure.text}"
    return ProcessNotStarted(failure.step, failure.number, message, hint=_hint(failure))


def _hint(failure: Failed) -> str:
    is_limited = in_user_namespace()
    match failure.step, failure.number:
        case Step.NAMESPACES, errno.EPERM:
            return "it takes root with CAP_SYS_ADMIN or a user namespace"
        case Step.NETWORK, 0:
            return (
                "a network of its own takes pasta (on Debian the package passt); there are also --network host and none"
            )
        case Step.PORTS, errno.EADDRINUSE:
            return (
                "another process has it: `ss -ltnup` names that; or leave the port of the host out, to get a free one"
            )
        case Step.PORTS, errno.EACCES:
            return "ports below 1024 are for root: take a higher one, or lower net.ipv4.ip_unprivileged_port_start"
        case Step.PORTS, errno.EADDRNOTAVAIL:
            return "this machine has no such address: `ip address` lists those it has"
        case Step.IDENTITY, errno.EINVAL | errno.EPERM if is_limited:
            return "this user namespace lacks that id: give your user 65536 ids in /etc/subuid and in /etc/subgid"
        case Step.FILESYSTEMS, errno.EPERM if is_limited:
            return "a container around this one hides parts of /proc; start that one with an unmasked /proc"
        case Step.LIMITS, _:
            return "only root may raise a hard limit; `ulimit -Ha` prints those in force"
        case Step.EXECUTE, errno.ENOEXEC:
            return (
                "the file is a script without #!, or a program for another architecture: to run those, register an"
                " emulator (binfmt_misc; on Debian the package qemu-user-static)"
            )
        case Step.ROOT, errno.ENOENT:
            return "the unpacked tree of a layer is missing"
    return ""
