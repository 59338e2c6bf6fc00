"""`dockerlang pull`: an image out of a registry."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.registries import insecure_option, mirror_option
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("name", metavar="NAME[:TAG|@DIGEST]")
@click.option("-a", "--all-tags", is_flag=True, help="Pull every tag of the repository.")
@click.option("-q", "--quiet", is_flag=True, help="Print the image's whole name and nothing else.")
@click.option(
    "--platform", default="", metavar="OS/ARCH,...", help="One or more platforms, or `all`.  [default: this machine's]"
)
@insecure_option
@mirror_option
@click.pass_obj
def command(
    session: Session,
    name: str,
    all_tags: bool,
    quiet: bool,
    platform: str,
    insecure: tuple[str, ...],
    mirrors: tuple[str, ...],
) -> None:
    """Download an image from a registry. What is here already is not fetched again, and everything is verified.

    \b
    Examples:
      dockerlang pull alpine
      dockerlang pull --platform linux/arm64 registry.example.com/team/app:1.2
      dockerlang pull -a localhost:5000/app
      dockerlang pull --platform linux/amd64,linux/arm64 app
    """
    from dockerlang.cli.pulling import Puller
    from dockerlang.cli.registries import open_registries
    from dockerlang.errors import UsageError
    from dockerlang.oci.platform import host_platform, parse_platform
    from dockerlang.oci.reference import parse_reference
    from dockerlang.store.store import Store

    reference = parse_reference(name)
    if all_tags and (reference.tag or reference.digest):
        raise UsageError("tag can't be used with --all-tags/-a")
    if not (all_tags or quiet or reference.tag or reference.digest):
        click.echo("Using default tag: latest")
    names = [name.strip() for name in platform.split(",") if name.strip()]
    platforms = () if names == ["all"] else tuple(map(parse_platform, names))
    wanted = platforms[0] if platforms else host_platform()
    several = names == ["all"] or len(platforms) > 1
    with open_registries(insecure, mirrors) as registries, Store.open(session.root).operation("pull") as operation:
        puller = Puller(
            operation,
            registries,
            wanted,
            platforms=platforms if several else None,
            is_exact=bool(platform),
            is_quiet=quiet,
        )
        if all_tags:
            puller.pull_all(reference)
            click.echo(reference.name)
        else:
            click.echo(puller.pull(reference.with_default_tag()))
