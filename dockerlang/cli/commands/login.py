"""`dockerlang login`: credentials for a registry."""

from __future__ import annotations

import sys

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.registries import insecure_option


@click.command(cls=GoFlags)
@click.argument("server", default="docker.io")
@click.option("-u", "--username", default="", help="Whom to log in as.  [default: asked for]")
@click.option(
    "-p", "--password", default=None, help="The password, visible to all users here: prefer --password-stdin."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@insecure_option
def command(server: str, username: str, password: str | None, password_stdin: bool, insecure: tuple[str, ...]) -> None:
    """Log in to a registry, Docker Hub by default. The credentials are tried, then kept where docker keeps them.

    \b
    Examples:
      dockerlang login
      dockerlang login -u ada --password-stdin registry.example.com < token
    """
    from dockerlang.cli.registries import open_registries
    from dockerlang.errors import InputError, UsageError
    from dockerlang.registry.credentials import Credentials, docker_config_file
    from dockerlang.registry.hosts import registry_named
    from dockerlang.registry.login import keep_credentials, verify_credentials

    domain = registry_named(server)
    if password is not None:
        click.echo("WARNING! Using --password via the CLI is insecure. Use --password-stdin.", err=True)
        if password_stdin:
            raise UsageError("--password and --password-stdin are mutually exclusive")
    if password_stdin:
        if not username:
            raise UsageError("Must provide --username with --password-stdin")
        password = sys.stdin.read().rstrip("\r\n")
    if not (username and password):
        if not sys.stdin.isatty():
            raise InputError(
                "Cannot perform an interactive login from a non TTY device",
                hint="pass the password by a pipe: --username NAME --password-stdin",
            )
        username = username or click.prompt("Username", err=True)
        password = password or click.prompt("Password", hide_input=True, err=True)
    credentials = Credentials(username, password)
    with open_registries(insecure) as registries:
        verify_credentials(registries, domain, credentials)
    file = docker_config_file()
    if not keep_credentials(file, domain, credentials):
        click.echo(
            f"WARNING! Your credentials are stored unencrypted in '{file}'.\n"
            'Name a credential helper there ("credsStore") to keep them elsewhere.',
            err=True,
        )
    click.echo("Login Succeeded")
