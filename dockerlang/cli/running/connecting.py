"""A container's network, and what of it can be reached from the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.containers.ports import Publication
    from dockerlang.runtime.process import Network

options = declare(
    click.option(
        "--network", "--net", type=click.Choice(["default", "bridge", "host", "none"]), default="default",
        help="One of its own through pasta (bridge), the host's, or none.  [default: bridge, or host without pasta]",
    ),
    click.option(
        "-p", "--publish", "published", multiple=True, metavar="[[IP:]HOST:]CONTAINER[/udp]",
        help="Let a port of the host lead to one of the container; without HOST any that is free. May be repeated.",
    ),
    click.option("-P", "--publish-all", "publishes_exposed", is_flag=True, help="Publish all ports that are exposed."),
    click.option("--expose", "exposed", multiple=True, metavar="PORT[/udp]", help="Expose a port, as EXPOSE does."),
)  # fmt: skip


@record
class ConnectingOptions:
    """The values of these options."""

    network: str
    published: tuple[str, ...]
    publishes_exposed: bool
    exposed: tuple[str, ...]

    def chosen_network(self) -> Network | None:
        """The network; None for one of its own where that can be had."""
        from dockerlang.runtime.process import Network

        return None if self.network == "default" else Network(self.network)

    def publications(self) -> tuple[Publication, ...]:
        """The values of `-p`. Raises `UsageError`."""
        from dockerlang.containers.ports import parse_publication

        return tuple(publication for text in self.published for publication in parse_publication(text))

    def exposed_ports(self) -> tuple[str, ...]:
        """The values of `--expose`. Raises `UsageError`."""
        from dockerlang.containers.ports import parse_exposed

        return tuple(key for text in self.exposed for key in parse_exposed(text))
