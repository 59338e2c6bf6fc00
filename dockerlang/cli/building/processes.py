"""What the processes of RUN get: secrets, a network, names of hosts; and what they may ask for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.errors import InputError, UsageError
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.exec_limits import ExecLimits
    from dockerlang.cli.process_limits import ProcessLimits
    from dockerlang.runtime.process import Network

options = declare(
    click.option(
        "--secret", "secrets", multiple=True, metavar="id=ID[,src=FILE|,env=NAME]",
        help="A secret for RUN --mount=type=secret. May be repeated.",
    ),
    click.option(
        "--network", type=click.Choice(["default", "host", "none"]), default="default",
        help="The network of RUN: one of its own, through pasta (on Debian the package passt), else the host's.",
    ),
    click.option(
        "--allow", "allowed", multiple=True, type=click.Choice(["network.host", "security.insecure"]),
        help="Let RUN ask for the host's network, or for all privileges. May be repeated.",
    ),
    click.option(
        "--add-host", "hosts", multiple=True, metavar="NAME=ADDRESS",
        help="A line of /etc/hosts for RUN; NAME:ADDRESS, too. May be repeated.",
    ),
    click.option(
        "--ssh", "agents", multiple=True, metavar="default|ID[=SOCKET|KEY[,KEY]...]",
        help="An ssh agent, or one with these keys, for RUN --mount=type=ssh. May be repeated.",
    ),
    click.option(
        "--resource", "resources", multiple=True, metavar="KEY=VALUE",
        help="Another way to say --memory, --cpu-shares and so on. May be repeated.",
    ),
)  # fmt: skip

_GATEWAY = "host-gateway"


@record
class Processes:
    """The values of these options."""

    secrets: tuple[str, ...]
    network: str
    allowed: tuple[str, ...]
    hosts: tuple[str, ...]
    agents: tuple[str, ...]
    resources: tuple[str, ...]

    def secret_values(self) -> dict[str, bytes]:
        """The secrets by their IDs. Raises `UsageError` for what is not understood, `InputError` for missing ones."""
        return dict(_secret(text) for text in self.secrets)

    def extra_hosts(self) -> tuple[tuple[str, str], ...]:
        """Names and addresses of `--add-host`. Raises `UsageError`."""
        from dockerlang.cli.values import host

        return tuple(host(self._with_gateway(text)) for text in self.hosts)

    def _with_gateway(self, text: str) -> str:
        """docker's word for an address by which processes reach this machine: there is one in its own network only."""
        if not text.endswith(_GATEWAY):
            return text
        if self.network != "host":
            raise UsageError(
                f"`--add-host {text}` cannot be honoured: a network of its own does not reach this machine",
                hint="add --network=host, where it is 127.0.0.1",
            )
        return text.removesuffix(_GATEWAY) + "127.0.0.1"

    def exec_limits(self, limits: ProcessLimits) -> ExecLimits:
        """The limits that are part of each RUN. Raises `UsageError`."""
        from dockerlang.builder.exec_limits import ExecLimits

        return ExecLimits(limits.process_ulimits(), limits.shared_memory(), limits.cgroup_parent)

    def default_network(self) -> Network | None:
        """The network of a RUN that does not ask for one; None for one of its own where that can be had."""
        from dockerlang.runtime.process import Network

        return None if self.network == "default" else Network(self.network)


def _secret(text: str) -> tuple[str, bytes]:
    """`id=ID[,src=FILE|,env=NAME]`: without either, the variable named like the ID if there is one, else the file."""
    options = dict(part.partition("=")[::2] for part in text.split(","))
    identifier = options.get("id", "")
    unknown = set(options) - {"id", "src", "source", "env", "type"}
    if not identifier or unknown:
        raise UsageError(f"`--secret {text}` is not understood", hint="write --secret id=NAME,src=FILE")
    path = options.get("src") or options.get("source")
    variable = options.get("env") or (identifier if path is None and identifier in os.environ else None)
    if variable is not None:
        if variable not in os.environ:
            raise InputError(f"the secret `{identifier}`: the environment has no variable {variable}")
        return identifier, os.fsencode(os.environ[variable])
    try:
        return identifier, Path(path or identifier).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the secret `{identifier}`: {error.strerror}: {path or identifier}") from None
