"""`dockerlang load`: images out of an archive."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.option("-i", "--input", "input_", type=click.Path(path_type=Path), help="Read this file or directory.")
@click.option("-q", "--quiet", is_flag=True, help="Accepted for docker's sake; there is no progress to leave out.")
@click.option("--platform", metavar="OS/ARCH", help="The image to take where the archive has several platforms.")
@click.pass_obj
def command(session: Session, input_: Path | None, quiet: bool, platform: str | None) -> None:
    """Load images from an archive of docker's or the OCI's kind, compressed or not, or from an OCI layout's directory.

    Every layer is verified; of an archive that is damaged nothing is kept.

    \b
    Examples:
      dockerlang load -i app.tar.gz
      dockerlang load < app.tar
      dockerlang load -i oci-layout-directory/
    """
    from dockerlang.cli.output.files import open_input
    from dockerlang.errors import InputError
    from dockerlang.oci.platform import parse_platform
    from dockerlang.store.archive.load import load_directory, load_stream
    from dockerlang.store.store import Store

    if input_ is None and sys.stdin.isatty():
        raise InputError("requested load from stdin, but stdin is empty", hint="name a file with -i, or redirect one")
    wanted = parse_platform(platform) if platform else None
    with Store.open(session.root).operation("load") as operation:
        if input_ is not None and input_.is_dir():
            loaded = load_directory(operation, input_, wanted)
        else:
            with open_input(input_) as stream:
                loaded = load_stream(operation, stream, wanted)
    for image in loaded:
        for name, replaced in image.replaced:
            click.echo(
                f"The image {name.familiar} already exists, renaming the old one with ID {replaced} to empty string"
            )
        for name in image.names:
            click.echo(f"Loaded image: {name.familiar}")
        if not image.names:
            click.echo(f"Loaded image ID: {image.image.id}")
