"""Makes the process of a container out of its image's config and the user's options, by docker's rules."""

from __future__ import annotations

import os
from collections.abc import Iterable

from dockerlang.containers.options import ContainerOptions
from dockerlang.errors import UsageError
from dockerlang.oci.config import ContainerConfig
from dockerlang.runtime import name_files
from dockerlang.runtime.process import Mount, Namespace, Network, Port, Process, TerminalSize

_SHORT_ID = 12
DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def arguments_of(config: ContainerConfig, options: ContainerOptions) -> tuple[str, ...]:
    """The command line: entrypoint and command joined.

    A given command replaces the image's; a given entrypoint replaces the image's and takes its command away with it.
    Raises UsageError where nothing is left to run.
    """
    if options.entrypoint is not None:
        entrypoint: tuple[str, ...] = (options.entrypoint,) if options.entrypoint else ()
        command = options.command
    else:
        entrypoint = config.entrypoint or ()
        command = options.command or config.cmd or ()
    arguments = entrypoint + command
    if not arguments:
        raise UsageError("no command specified", hint="the image has neither ENTRYPOINT nor CMD: add a command")
    return arguments


def environment_of(config: ContainerConfig, options: ContainerOptions, hostname: str) -> tuple[str, ...]:
    """PATH, HOSTNAME and, with a terminal, TERM, then the image's variables, then the user's; the later one counts."""
    given = [DEFAULT_PATH, f"HOSTNAME={hostname}"]
    if options.has_terminal:
        given.append("TERM=xterm")
    return _merged([*given, *config.env, *options.env])


def hostname_of(container_id: str, options: ContainerOptions) -> str:
    """What the container is called inside: as the user says, by its short ID, or as the host whose name it shares."""
    if Namespace.UTS in options.rights.host_namespaces:
        return os.uname().nodename
    return options.hostname or container_id[:_SHORT_ID]


def process_of(
    config: ContainerConfig,
    options: ContainerOptions,
    *,
    hostname: str,
    network: Network = Network.HOST,
    ports: tuple[Port, ...] = (),
    mounts: Iterable[Mount] = (),
    terminal: TerminalSize | None = None,
) -> Process:
    """The whole process; `mounts` are the container's volumes, binds and so on, `ports` what is published of it."""
    return Process(
        args=arguments_of(config, options),
        env=environment_of(config, options, hostname),
        cwd=options.working_dir or config.working_dir or "/",
        user=config.user if options.user is None else options.user,
        capabilities=options.rights.capabilities,
        security=options.rights.security,
        devices=options.rights.devices,
        sysctls=options.rights.sysctls,
        groups=options.rights.groups,
        has_init=options.rights.has_init,
        host_namespaces=options.rights.host_namespaces,
        out_of_memory_score=options.rights.out_of_memory_score,
        ulimits=options.ulimits,
        resources=options.resources,
        shared_memory=options.shared_memory,
        network=network,
        ports=ports,
        hostname="" if Namespace.UTS in options.rights.host_namespaces else hostname,
        domain_name=options.domain_name,
        # The container's own mounts come last, since of two with one target the later counts.
        mounts=(
            *name_files.for_container(hostname, network, options.extra_hosts, options.resolver),
            *mounts,
        ),
        read_only=options.is_read_only,
        terminal=terminal,
    )


def _merged(variables: Iterable[str]) -> tuple[str, ...]:
    by_name: dict[str, str] = {}
    for variable in variables:
        by_name[variable.partition("=")[0]] = variable
    return tuple(by_name.values())
