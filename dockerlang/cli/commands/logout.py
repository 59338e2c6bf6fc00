"""`dockerlang logout`: forget the credentials for a registry."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags


@click.command(cls=GoFlags)
@click.argument("server", default="docker.io")
def command(server: str) -> None:
    """Forget the credentials for a registry, Docker Hub by default.

    \b
    Examples:
      dockerlang logout
      dockerlang logout registry.example.com
    """
    from dockerlang.registry.credentials import docker_config_file
    from dockerlang.registry.hosts import credentials_key, registry_named
    from dockerlang.registry.login import forget_credentials

    domain = registry_named(server)
    if forget_credentials(docker_config_file(), domain):
        click.echo(f"Removing login credentials for {credentials_key(domain)}")
    else:
        click.echo(f"Not logged in to {credentials_key(domain)}")
