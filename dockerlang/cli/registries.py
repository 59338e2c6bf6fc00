"""Registries as commands use them: the options that they share, and the settings that come of these and of files."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from dockerlang.registry.registry import Registries, RegistrySettings

MIRROR_VARIABLE = "DOCKERLANG_REGISTRY_MIRROR"
"""Mirrors of Docker Hub, with blanks between them, for every command that pulls."""

Command = TypeVar("Command", bound=Callable[..., None])


def insecure_option(command: Command) -> Command:
    """Add `--insecure HOST[:PORT]`."""
    return click.option(
        "--insecure", multiple=True, metavar="HOST[:PORT]",
        help="Reach this registry without verified TLS or over plain HTTP. May be repeated; loopback needs none.",
    )(command)  # fmt: skip


def mirror_option(command: Command) -> Command:
    """Add `--registry-mirror URL`."""
    return click.option(
        "--registry-mirror", "mirrors", multiple=True, metavar="URL",
        help="Ask this mirror of Docker Hub first. May be repeated; $DOCKERLANG_REGISTRY_MIRROR counts everywhere.",
    )(command)  # fmt: skip


def registry_settings(insecure: tuple[str, ...] = (), mirrors: tuple[str, ...] = ()) -> RegistrySettings:
    """The settings of this user: credentials, certificates and mirrors from where docker and podman keep them."""
    from dockerlang.registry.credentials import credential_sources
    from dockerlang.registry.daemon import daemon_settings, mirror_of, with_hub_mirrors
    from dockerlang.registry.hosts import HostPolicy, certificate_directories, network_of
    from dockerlang.registry.mirrors import insecure_hosts, registry_rules
    from dockerlang.registry.registry import RegistrySettings

    daemon = daemon_settings(notify=warn)
    named = (*mirrors, *os.environ.get(MIRROR_VARIABLE, "").split())
    rules = with_hub_mirrors(registry_rules(notify=warn), (*map(mirror_of, named), *daemon.mirrors))
    networks = [network for network in map(network_of, insecure) if network is not None]
    return RegistrySettings(
        policy=HostPolicy(
            insecure_hosts(rules) | daemon.insecure | set(insecure),
            certificate_directories(),
            (*daemon.networks, *networks),
        ),
        rules=rules,
        credentials=credential_sources(notify=warn),
        notify=warn,
    )


def open_registries(
    insecure: tuple[str, ...] = (), mirrors: tuple[str, ...] = ()
) -> AbstractContextManager[Registries]:
    """All registries, to be used in a `with` block."""
    from dockerlang.registry.registry import Registries

    return Registries(registry_settings(insecure, mirrors))


def warn(message: str) -> None:
    """Tell the user what is not a result: waits, warnings of a registry."""
    click.echo(f"dockerlang: {message}", err=True)
