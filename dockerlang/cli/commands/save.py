"""`dockerlang save`: images as an archive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.platforms import platform_option
from dockerlang.cli.session import Session

if TYPE_CHECKING:
    from dockerlang.oci.platform import Platform


@click.command(cls=GoFlags)
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, shell_complete=completing.images)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of standard output.")
@click.option("--compress", is_flag=True, help="Compress with gzip; also done for a FILE.gz or FILE.tgz.")
@platform_option("Save the images for these platforms only, of those that a name stands for.")
@click.pass_obj
def command(
    session: Session, images: tuple[str, ...], output: Path | None, compress: bool, platforms: tuple[Platform, ...]
) -> None:
    """Write images to a tar archive that docker, podman, containerd, skopeo and every tool for OCI layouts can read.

    A repository without a tag means all its tags. A name that stands for images of several platforms saves all of
    them. The same images always give the same bytes.

    \b
    Examples:
      dockerlang save -o app.tar.gz app
      dockerlang save app:1 app:2 | ssh host dockerlang load
      dockerlang save --platform linux/arm64 -o app.tar app
    """
    from dockerlang.cli.output.files import open_output
    from dockerlang.errors import InputError
    from dockerlang.oci.compression import GzipWriter
    from dockerlang.store.archive.save import save_images
    from dockerlang.store.store import Store

    if output is None and sys.stdout.isatty():
        raise InputError("cowardly refusing to save to a terminal. Use the -o flag or redirect")
    is_compressed = compress or (output is not None and output.suffix in (".gz", ".tgz"))
    with Store.open(session.root).operation("save") as operation, open_output(output) as stream:
        if is_compressed:
            gzip = GzipWriter(stream)
            save_images(operation, images, gzip, platforms)
            gzip.close()
        else:
            save_images(operation, images, stream, platforms)
