"""Runs a container: an image's process, attached to this program's own streams, with a record in the store."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial

from dockerlang.containers.log import LogWriter
from dockerlang.containers.networking import network_of, publications_of
from dockerlang.containers.options import ContainerOptions
from dockerlang.containers.ports import choose
from dockerlang.containers.process import arguments_of, hostname_of, process_of
from dockerlang.containers.removal import discard_container
from dockerlang.containers.settings import (
    ContainerSettings,
    MountRecord,
    config_of,
    read_settings,
    write_settings,
)
from dockerlang.containers.streams import run_detached, run_in_terminal, run_with_streams, terminal_size
from dockerlang.containers.volumes import attach_mounts, runtime_mounts
from dockerlang.errors import DockerlangError, NotFoundError, UsageError
from dockerlang.oci.config import ContainerConfig
from dockerlang.records import replace
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import Network
from dockerlang.runtime.root import Root
from dockerlang.runtime.running import ProcessNotStarted
from dockerlang.store.operation import Operation
from dockerlang.store.records import Container, ContainerState, StoredImage
from dockerlang.store.store import Store
from dockerlang.store.volumes import volumes_lock

OWN_FAILURE = 125
"""docker's exit code where not the process failed, but what was to start it."""


def run_container(
    store: Store,
    runtime: NamespaceRuntime,
    image_name: str,
    options: ContainerOptions,
    on_start: Callable[[Container], None] = lambda container: None,
    warn: Callable[[str], None] = lambda message: None,
) -> int:
    """Run a container of the image (a name or an ID, also of a build's step) to its end; the process's exit status.

    It is the last run of this runtime, which begins to close. `on_start` is told of the container when its process is
    about to start (or has started, if it is detached), `warn` of what is not as one would expect. The record and files
    stay unless `options.is_removed_afterwards`. Raises DockerlangError with docker's exit code: 127 where the command
    is not found, 126 where it cannot be executed, 125 for anything else.
    """
    try:
        with store.operation("run") as operation:
            return _run(operation, runtime, image_name, options, on_start, warn)
    except ProcessNotStarted:
        raise
    except DockerlangError as error:
        error.exit_code = OWN_FAILURE
        raise


def _run(
    operation: Operation,
    runtime: NamespaceRuntime,
    image_name: str,
    options: ContainerOptions,
    on_start: Callable[[Container], None],
    warn: Callable[[str], None],
) -> int:
    if not options.is_detached and options.has_terminal and options.is_interactive and not os.isatty(0):
        raise UsageError("the input device is not a TTY", hint="leave out -t when input comes from a pipe or file")
    image = operation.find(image_name)
    if image is None:
        raise NotFoundError(
            f"Unable to find image '{image_name}' locally", hint="build it, or bring it in with `dockerlang load`"
        )
    command = arguments_of(image.config.config, options)
    if options.wants_own_network:
        runtime.prepare_network()
    container = operation.add_container(
        image, name=options.name, command=command, auto_remove=options.is_removed_afterwards
    )
    exit_code = OWN_FAILURE
    try:
        exit_code = _start_and_attend(operation, runtime, image, container, options, on_start, warn)
        return exit_code
    except DockerlangError as error:
        exit_code = error.exit_code
        raise
    finally:
        settings = read_settings(container)
        if options.is_removed_afterwards:
            discard_container(operation, container)
        else:
            if settings is not None:
                write_settings(container, replace(settings, finished=time.time()))
            operation.set_container_state(container, ContainerState.EXITED, exit_code)


def _start_and_attend(
    operation: Operation,
    runtime: NamespaceRuntime,
    image: StoredImage,
    container: Container,
    options: ContainerOptions,
    on_start: Callable[[Container], None],
    warn: Callable[[str], None],
) -> int:
    lowers = operation.layer_trees(image.diff_ids)
    hostname = hostname_of(container.id, options)
    config = config_of(image.config.config, options, hostname)
    publications = publications_of(config, options)
    with volumes_lock(operation.store.layout):
        mounts = attach_mounts(operation.store, image.config.config.volumes, options, lowers)
        settings = replace(_settings(image, config, options, hostname, mounts), publications=publications)
        write_settings(container, settings)
    network = network_of(options, publications, runtime, warn)
    ports = choose(publications) if network is Network.BRIDGE else ()
    process = process_of(
        image.config.config,
        options,
        hostname=hostname,
        network=network,
        ports=ports,
        mounts=runtime_mounts(mounts, options),
        terminal=terminal_size() if options.has_terminal else None,
    )
    write_settings(container, replace(settings, network=network.value, ports=ports, started=time.time()))
    operation.set_container_state(container, ContainerState.RUNNING)
    root = Root(lowers, container.upper, container.work)
    # What vanishes with its process while we show its output needs no log.
    keeps_log = options.is_detached or not options.is_removed_afterwards
    log = LogWriter(container) if keeps_log else None
    try:
        if options.is_detached:
            assert log is not None
            return run_detached(
                runtime,
                process,
                root,
                log,
                is_interactive=options.is_interactive,
                on_start=partial(on_start, container),
            )
        on_start(container)
        if options.has_terminal:
            return run_in_terminal(runtime, process, root, log, is_interactive=options.is_interactive)
        return run_with_streams(runtime, process, root, log, is_interactive=options.is_interactive)
    finally:
        # The kernel takes the network apart while we write down how it went.
        runtime.end()
        if log is not None:
            log.close()


def _settings(
    image: StoredImage,
    config: ContainerConfig,
    options: ContainerOptions,
    hostname: str,
    mounts: tuple[MountRecord, ...],
) -> ContainerSettings:
    return ContainerSettings(
        image=replace(image.config, config=config),
        hostname=hostname,
        publishes_exposed=options.publishes_exposed,
        has_terminal=options.has_terminal,
        is_interactive=options.is_interactive,
        is_read_only=options.is_read_only,
        capabilities=tuple(sorted(options.rights.capabilities)),
        mounts=mounts,
        labels={**image.config.config.labels, **options.labels},
    )
