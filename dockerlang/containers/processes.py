"""Finds the processes of a running container from outside, to signal them, stop them or look at their root."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dockerlang.errors import ConflictError, UsageError
from dockerlang.runtime.attached import FORWARDED
from dockerlang.store.leases import holder
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Container, ContainerState

_PATIENCE = 10_000  # milliseconds


def main_process(store: StoreReader, container: Container) -> int:
    """The number, as we see it, of the container's process 1; ConflictError where it does not run or cannot be seen."""
    if container.state is not ContainerState.RUNNING:
        raise ConflictError(f"Container {container.name} is not running")
    supervisor = holder(store.layout, container.lease)
    firsts = (pid for pid in _descendants(supervisor or 0) if len(n := _numbers(pid)) > 1 and n[-1] == 1)
    # The first is the runtime's own, which reaps for the container; namespaces inside the container come later.
    reaper, first = next(firsts, None), next(firsts, None)
    if reaper is not None and first is not None:
        return first
    raise ConflictError(f"container {container.name} is run by a process that cannot be seen from here")


def signal_number(text: str) -> int:
    """The number of a signal that is named (`HUP`, `SIGHUP`) or given as a number; UsageError for anything else."""
    name = text.upper()
    if name.isdecimal() and 0 < int(name) <= signal.SIGRTMAX:
        return int(name)
    try:
        return signal.Signals[name if name.startswith("SIG") else f"SIG{name}"].value
    except KeyError:
        raise UsageError(f"Invalid signal: {text}", hint="write a name such as TERM, or a number") from None


def send_signal(store: StoreReader, container: Container, number: int) -> None:
    """Send a signal to the container's process 1; with SIGKILL all of it ends, and is waited for.

    As for every process 1, what it does not handle does nothing. Raises ConflictError.
    """
    pid = main_process(store, container)
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        raise ConflictError(f"Container {container.name} is not running") from None
    try:
        with suppress(ProcessLookupError):
            try:
                signal.pidfd_send_signal(descriptor, number)
            except PermissionError:
                # Another user of a user namespace that is not ours; who looks after the container is in it.
                _ask_supervisor(store, container, number)
        if number == signal.SIGKILL:
            _await_end(store, container, descriptor)
    except PermissionError as error:
        raise ConflictError(f"cannot signal container {container.name}: {error.strerror}") from None
    finally:
        os.close(descriptor)


def _ask_supervisor(store: StoreReader, container: Container, number: int) -> None:
    """Have the process that looks after a container pass a signal on, or end together with it."""
    supervisor = holder(store.layout, container.lease)
    if number not in (*FORWARDED, signal.SIGKILL) or supervisor is None:
        names = ", ".join(each.name.removeprefix("SIG") for each in (*FORWARDED, signal.SIGKILL))
        raise ConflictError(
            f"cannot signal container {container.name}: its process belongs to another user of its user namespace",
            hint=f"there are ways for {names}",
        )
    os.kill(supervisor, number)


@contextmanager
def paused(store: StoreReader, container: Container) -> Iterator[None]:
    """Keep a running container's processes from changing anything meanwhile; one that does not run is still anyway."""
    stopped: list[int] = []
    try:
        if container.state is ContainerState.RUNNING:
            first = main_process(store, container)
            # Until no new one appears: a process may have forked before it was stopped.
            while fresh := [pid for pid in (first, *_descendants(first)) if pid not in stopped]:
                for pid in fresh:
                    with suppress(ProcessLookupError):
                        _stop(container, pid)
                    stopped.append(pid)
        yield
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _stop(container: Container, pid: int) -> None:
    try:
        os.kill(pid, signal.SIGSTOP)
    except PermissionError:
        raise ConflictError(
            f"cannot stop container {container.name}: a process in it belongs to another user of its user namespace",
            hint="leave it running: --no-pause",
        ) from None


def _await_end(store: StoreReader, container: Container, descriptor: int) -> None:
    """Wait until the process has ended, and until who looks after the container has noted that."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if not poll.poll(_PATIENCE):
        raise ConflictError(f"container {container.name} does not end")
    for _ in range(200):
        now = store.find_container(container.id)
        if now is None or now.state is not ContainerState.RUNNING:
            return
        select.poll().poll(50)


def _descendants(pid: int) -> Iterator[int]:
    """The children of a process and theirs, parents first."""
    waiting = [pid]
    while waiting:
        parent = waiting.pop(0)
        children: list[int] = []
        with suppress(OSError):
            for thread in Path(f"/proc/{parent}/task").iterdir():
                with suppress(OSError):
                    children += map(int, (thread / "children").read_text("ascii").split())
        yield from children
        waiting += children


def _numbers(pid: int) -> list[int]:
    """The numbers of a process in all its namespaces that we see, ours first."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
            if line.startswith("NSpid:"):
                return [int(word) for word in line.split()[1:]]
    return []
