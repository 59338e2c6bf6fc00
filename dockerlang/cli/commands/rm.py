"""`dockerlang rm`: remove containers."""

from __future__ import annotations

import os
import sys

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("containers", metavar="CONTAINER...", nargs=-1, required=True, shell_complete=completing.containers)
@click.option("-f", "--force", is_flag=True, help="End and remove one that still runs, too.")
@click.option("-v", "--volumes", is_flag=True, help="Remove volumes that it alone has and nobody has named, too.")
@click.pass_obj
def command(session: Session, containers: tuple[str, ...], force: bool, volumes: bool) -> None:
    """Remove containers, by name or ID, with everything that they wrote outside of mounts.

    \b
    Examples:
      dockerlang rm web
      dockerlang rm -f 3f2a9c01d4be
      dockerlang rm $(dockerlang ps -aq)
    """
    from dockerlang.containers.removal import remove_container
    from dockerlang.errors import DockerlangError, NotFoundError
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    if os.geteuid() != 0:
        from dockerlang.runtime import rootless

        # What a container wrote belongs to users of our namespace, so only inside can it be removed.
        rootless.enter()
    failed = False
    with store.operation("rm", frees_space=True) as operation:
        for name in containers:
            try:
                remove_container(operation, name, kills=force, takes_volumes=volumes)
            except DockerlangError as error:
                click.echo(f"Error: {error}", err=True)
                failed = failed or not (force and isinstance(error, NotFoundError))
                continue
            click.echo(name)
    if failed:
        sys.exit(1)
