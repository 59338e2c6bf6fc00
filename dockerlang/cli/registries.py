"""Registries as commands use them: the options that they share, and the settings that come of these and of files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from dockerlang.registry.registry import Registries, RegistrySettings

Command = TypeVar("Command", bound=Callable[..., None])


def insecure_option(command: Command) -> Command:
    """Add `--insecure HOST[:PORT]`."""
    return click.option(
        "--insecure", multiple=True, metavar="HOST[:PORT]",
        help="Reach this registry without verified TLS or over plain HTTP. May be repeated; loopback needs none.",
    )(command)  # fmt: skip


def registry_settings(insecure: tuple[str, ...] = ()) -> RegistrySettings:
    """The settings of this user: credentials, certificates and mirrors from where docker and podman keep them."""
    from dockerlang.registry.credentials import credential_sources
    from dockerlang.registry.hosts import HostPolicy, certificate_directories
    from dockerlang.registry.mirrors import insecure_hosts, registry_rules
    from dockerlang.registry.registry import RegistrySettings

    rules = registry_rules(notify=warn)
    return RegistrySettings(
        policy=HostPolicy(insecure_hosts(rules) | set(insecure), certificate_directories()),
        rules=rules,
        credentials=credential_sources(notify=warn),
        notify=warn,
    )


def open_registries(insecure: tuple[str, ...] = ()) -> AbstractContextManager[Registries]:
    """All registries, to be used in a `with` block."""
    from dockerlang.registry.registry import Registries

    return Registries(registry_settings(insecure))


def warn(message: str) -> None:
    """Tell the user what is not a result: waits, warnings of a registry."""
    click.echo(f"dockerlang: {message}", err=True)
