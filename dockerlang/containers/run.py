"""Runs a container: an image's process, attached to this program's own streams, with a record in the store."""

from __future__ import annotations

import os

from dockerlang.containers.options import ContainerOptions
from dockerlang.containers.process import arguments_of, process_of
from dockerlang.containers.streams import run_in_terminal, run_with_streams, terminal_size
from dockerlang.containers.volumes import make_volumes
from dockerlang.errors import DockerlangError, NotFoundError, UsageError
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import Mount
from dockerlang.runtime.root import Root
from dockerlang.runtime.running import ProcessNotStarted
from dockerlang.store.operation import Operation
from dockerlang.store.records import Container, ContainerState, StoredImage
from dockerlang.store.store import Store

_SHORT_ID = 12
OWN_FAILURE = 125
"""docker's exit code where not the process failed, but what was to start it."""


def run_container(store: Store, runtime: NamespaceRuntime, image_name: str, options: ContainerOptions) -> int:
    """Run a container of the image (a name or an ID, also of a build's step) to its end; the process's exit status.

    The container's record and files stay unless `options.is_removed_afterwards`. Raises DockerlangError with docker's
    exit code: 127 where the command is not found, 126 where it cannot be executed, 125 for anything else.
    """
    try:
        with store.operation("run") as operation:
            return _run(operation, runtime, image_name, options)
    except ProcessNotStarted:
        raise
    except DockerlangError as error:
        error.exit_code = OWN_FAILURE
        raise


def _run(operation: Operation, runtime: NamespaceRuntime, image_name: str, options: ContainerOptions) -> int:
    if options.has_terminal and options.is_interactive and not os.isatty(0):
        raise UsageError("the input device is not a TTY", hint="leave out -t when input comes from a pipe or file")
    image = operation.find(image_name)
    if image is None:
        raise NotFoundError(
            f"Unable to find image '{image_name}' locally", hint="build it, or bring it in with `dockerlang load`"
        )
    command = arguments_of(image.config.config, options)
    container = operation.add_container(
        image, name=options.name, command=command, auto_remove=options.is_removed_afterwards
    )
    exit_code = OWN_FAILURE
    try:
        exit_code = _start_and_attend(operation, runtime, image, container, options)
        return exit_code
    except DockerlangError as error:
        exit_code = error.exit_code
        raise
    finally:
        if options.is_removed_afterwards:
            operation.remove_container(container)
        else:
            operation.set_container_state(container, ContainerState.EXITED, exit_code)


def _start_and_attend(
    operation: Operation,
    runtime: NamespaceRuntime,
    image: StoredImage,
    container: Container,
    options: ContainerOptions,
) -> int:
    lowers = operation.layer_trees(image.diff_ids)
    targets = _volume_targets(image, options)
    process = process_of(
        image.config.config,
        options,
        hostname=options.hostname or container.id[:_SHORT_ID],
        volumes=make_volumes(targets, container.directory / "volumes", lowers),
        terminal=terminal_size() if options.has_terminal else None,
    )
    operation.set_container_state(container, ContainerState.RUNNING)
    for bind in options.binds:
        # As docker does, for who mounts a directory that is yet to be filled.
        if not bind.source.exists():
            bind.source.mkdir(parents=True)
    root = Root(lowers, container.upper, container.work)
    if options.has_terminal:
        return run_in_terminal(runtime, process, root, is_interactive=options.is_interactive)
    return run_with_streams(runtime, process, root, is_interactive=options.is_interactive)


def _volume_targets(image: StoredImage, options: ContainerOptions) -> list[str]:
    """The anonymous volumes: the image's and the user's, but none where the user mounts something himself."""
    own_mounts: tuple[Mount, ...] = (*options.binds, *options.tmpfs)
    taken = {mount.target.rstrip("/") for mount in own_mounts}
    wanted = (*image.config.config.volumes, *options.anonymous_volumes)
    return [target for target in wanted if target.rstrip("/") not in taken]
