"""Removes containers: their records, what they wrote, and, if asked, what still runs in them."""

from __future__ import annotations

import os
import select
import signal
from contextlib import ExitStack, suppress
from pathlib import Path

from dockerlang.containers.settings import read_settings
from dockerlang.containers.volumes import remove_anonymous_volumes
from dockerlang.errors import ConflictError, NotFoundError
from dockerlang.store.leases import holder, is_alive
from dockerlang.store.operation import Operation
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Container, ContainerState
from dockerlang.store.volumes import volumes_lock

_PATIENCE = 10_000  # milliseconds


def remove_container(operation: Operation, name: str, *, kills: bool, takes_volumes: bool = False) -> Container:
    """Remove the container with that name or ID; one that runs only if `kills`, and not before it has ended.

    `takes_volumes` removes the volumes that it alone has and nobody has named. Raises NotFoundError, and ConflictError
    for one that runs, or that cannot be ended from here.
    """
    store = operation.store
    container = store.find_container(name)
    if container is None:
        raise NotFoundError(f"No such container: {name}", hint="`dockerlang ps -a` lists them")
    is_about_to_run = container.state is ContainerState.CREATED and is_alive(store.layout, container.lease)
    if container.state is ContainerState.RUNNING or is_about_to_run:
        if not kills:
            raise ConflictError(
                f"cannot remove container {name}: it is running", hint="end its process, or remove it with --force"
            )
        _kill(store, container)
    if takes_volumes:
        discard_container(operation, container)
    else:
        operation.remove_container(container)
    return container


def discard_container(operation: Operation, container: Container) -> None:
    """Remove a container's record and files with its anonymous volumes, as far as no other container mounts them."""
    settings = read_settings(container)
    operation.remove_container(container)
    if settings is not None and any(mount.is_anonymous for mount in settings.mounts):
        with volumes_lock(operation.store.layout):
            remove_anonymous_volumes(operation.store, settings.mounts)


def _kill(store: StoreReader, container: Container) -> None:
    """End the program that runs the container, and with it everything in the container."""
    pid = holder(store.layout, container.lease)
    if pid is None:
        raise ConflictError(f"container {container.name} is run by a process that cannot be seen from here")
    with ExitStack() as stack:
        handle = _handle(pid, stack)
        # What it has started ends with it, but a little later: mounts and ports are in use until then.
        handles = [handle, *(_handle(each, stack) for each in _children(pid))]
        # The handle stands for one process for ever; only if that still holds the lease, it is the right one.
        if handle is not None and holder(store.layout, container.lease) == pid:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        for each in (each for each in handles if each is not None):
            poll = select.poll()
            poll.register(each, select.POLLIN)
            if not poll.poll(_PATIENCE):
                raise ConflictError(f"process {pid}, which runs container {container.name}, does not end")


def _children(pid: int) -> list[int]:
    """What a process has started itself: the server that starts the container's processes, which ends after them."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text("ascii").split())
    return found


def _handle(pid: int, stack: ExitStack) -> int | None:
    """A pidfd, closed with the stack; None for a process that has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    stack.callback(os.close, descriptor)
    return descriptor
