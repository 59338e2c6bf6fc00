"""`dockerlang load`: images out of an archive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.platforms import platform_option
from dockerlang.cli.session import Session

if TYPE_CHECKING:
    from dockerlang.oci.platform import Platform


@click.command(cls=GoFlags)
@click.option("-i", "--input", "input_", type=click.Path(path_type=Path), help="Read this file or directory.")
@click.option("-q", "--quiet", is_flag=True, help="Accepted for docker's sake; there is no progress to leave out.")
@platform_option("Load the images for these platforms only, where a name stands for several.")
@click.pass_obj
def command(session: Session, input_: Path | None, quiet: bool, platforms: tuple[Platform, ...]) -> None:
    """Load images from an archive of docker's or the OCI's kind, compressed or not, or from an OCI layout's directory.

    Every layer is verified; of an archive that is damaged nothing is kept. A name that stands for images of several
    platforms brings all of them that are there, and stands for them here, too.

    \b
    Examples:
      dockerlang load -i app.tar.gz
      dockerlang load < app.tar
      dockerlang load -i oci-layout-directory/
      dockerlang load --platform linux/arm64 -i app.tar
    """
    from dockerlang.cli.output.files import open_input
    from dockerlang.errors import InputError
    from dockerlang.store.archive.load import load_directory, load_stream
    from dockerlang.store.store import Store

    if input_ is None and sys.stdin.isatty():
        raise InputError("requested load from stdin, but stdin is empty", hint="name a file with -i, or redirect one")
    with Store.open(session.root).operation("load") as operation:
        if input_ is not None and input_.is_dir():
            loaded = load_directory(operation, input_, platforms)
        else:
            with open_input(input_) as stream:
                loaded = load_stream(operation, stream, platforms)
    for image in loaded:
        for name, replaced in image.replaced:
            click.echo(
                f"The image {name.familiar} already exists, renaming the old one with ID {replaced} to empty string"
            )
        for name in image.names:
            click.echo(f"Loaded image: {name.familiar}")
        if not image.names:
            click.echo(f"Loaded image ID: {image.image.id}")
