"""A container's name as a host, and how its process finds those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.runtime.name_files import Resolver

options = declare(
    click.option("-h", "--hostname", default="", help="Host name inside.  [default: the container's short ID]"),
    click.option("--domainname", "domain_name", default="", metavar="NAME", help="NIS domain name inside."),
    click.option(
        "--add-host", "hosts", multiple=True, metavar="NAME:ADDRESS", help="A line of /etc/hosts; NAME=ADDRESS, too."
    ),
    click.option("--dns", "servers", multiple=True, metavar="ADDRESS", help="A name server.  [default: the host's]"),
    click.option("--dns-search", "searches", multiple=True, metavar="DOMAIN", help="A domain to search; `.` for none."),
    click.option("--dns-option", "--dns-opt", "resolver_options", multiple=True, metavar="OPTION",
                 help="An option of resolv.conf."),
)  # fmt: skip


@record
class NamingOptions:
    """The values of these options."""

    hostname: str
    domain_name: str
    hosts: tuple[str, ...]
    servers: tuple[str, ...]
    searches: tuple[str, ...]
    resolver_options: tuple[str, ...]

    def extra_hosts(self) -> tuple[tuple[str, str], ...]:
        """Names and addresses of `--add-host`. Raises `UsageError`."""
        from dockerlang.cli.values import host

        return tuple(host(text) for text in self.hosts)

    def resolver(self) -> Resolver:
        """How names are resolved. Raises `UsageError` for a server that is no address."""
        from dockerlang.cli.values import address
        from dockerlang.runtime.name_files import Resolver

        servers = tuple(address(text, f"--dns {text}") for text in self.servers)
        return Resolver(servers, self.searches, self.resolver_options)
