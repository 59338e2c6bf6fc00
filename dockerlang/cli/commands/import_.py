"""`dockerlang import`: an image of a bare root file system."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dockerlang.cli.session import Session


@click.command("import")
@click.argument("source", metavar="FILE|-")
@click.argument("name", metavar="[REPOSITORY[:TAG]]", default="")
@click.option("-c", "--change", "changes", multiple=True, metavar="INSTRUCTION", help="Apply a Dockerfile instruction.")
@click.option("-m", "--message", default="", metavar="TEXT", help="The comment in the image's history.")
@click.option("--platform", metavar="OS/ARCH", help="What the image runs on.  [default: this machine's platform]")
@click.pass_obj
def command(
    session: Session, source: str, name: str, changes: tuple[str, ...], message: str, platform: str | None
) -> None:
    """Make an image of a tar archive, compressed or not, that holds a root file system.

    A change is one of CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR.

    \b
    Examples:
      dockerlang import rootfs.tar.gz base:1
      tar -C rootfs -c . | dockerlang import -c 'CMD ["/bin/sh"]' -c 'ENV A=1' - base
    """
    from dockerlang.builder.config_changes import apply_changes
    from dockerlang.cli.output.files import open_input
    from dockerlang.errors import InputError
    from dockerlang.oci.config import ContainerConfig
    from dockerlang.oci.platform import host_platform, parse_platform
    from dockerlang.oci.reference import parse_reference
    from dockerlang.store.archive.importing import import_root
    from dockerlang.store.store import Store

    if source == "-" and sys.stdin.isatty():
        raise InputError("refusing to read an archive from a terminal", hint="name a file, or redirect one")
    reference = parse_reference(name).with_default_tag() if name else None
    if reference is not None and reference.digest is not None:
        raise InputError("an image cannot be imported under a digest", hint="leave out @ and what follows")
    with (
        Store.open(session.root).operation("import") as operation,
        open_input(None if source == "-" else Path(source)) as stream,
    ):
        image = import_root(
            operation,
            stream,
            platform=parse_platform(platform) if platform else host_platform(),
            container=apply_changes(ContainerConfig(), changes),
            comment=message or f"Imported from {source}",
        )
        if reference is not None:
            operation.tag(reference, image)
    click.echo(str(image.id))
