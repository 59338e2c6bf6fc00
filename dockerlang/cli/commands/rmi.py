"""`dockerlang rmi`: remove images."""

from __future__ import annotations

import sys

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, shell_complete=completing.images)
@click.option("-f", "--force", is_flag=True, help="Remove images with several names, or used by stopped containers.")
@click.option("--no-prune", is_flag=True, help="Keep untagged parents.")
@click.pass_obj
def command(session: Session, images: tuple[str, ...], force: bool, no_prune: bool) -> None:
    """Remove names, and the images that lose their last one.

    What another image is built on or a container uses stays until that goes.

    \b
    Examples:
      dockerlang rmi app:1.2
      dockerlang rmi -f 4eb49fa4f182
      dockerlang rmi $(dockerlang images -q -f dangling=true)
    """
    from dockerlang.cli.privilege import enter_to_remove_trees
    from dockerlang.errors import DockerlangError, NotFoundError
    from dockerlang.store.removal import remove_image
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    enter_to_remove_trees(store)
    failed = False
    with store.operation("rmi", frees_space=True) as operation:
        for image in images:
            try:
                removal = remove_image(operation, image, force=force, prune_parents=not no_prune)
            except DockerlangError as error:
                click.echo(f"Error: {error}", err=True)
                failed = failed or not (force and isinstance(error, NotFoundError))
                continue
            for name in removal.untagged:
                click.echo(f"Untagged: {name}")
            for digest in removal.deleted:
                click.echo(f"Deleted: {digest}")
    if failed:
        sys.exit(1)
