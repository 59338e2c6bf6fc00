"""`dockerlang diff`: what a container changed."""

from __future__ import annotations

import os

import click

from dockerlang.cli import completing
from dockerlang.cli.session import Session


@click.command()
@click.argument("container", shell_complete=completing.containers)
@click.pass_obj
def command(session: Session, container: str) -> None:
    """List the files that a container added (A), changed (C) or deleted (D).

    \b
    Example:
      dockerlang diff web
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.containers.files import changed_paths, find_container, root_of
    from dockerlang.store.store import Store

    enter_for_containers()
    with Store.open(session.root).operation("diff") as operation:
        for kind, path in changed_paths(root_of(operation, find_container(operation, container))):
            click.echo(f"{kind} {os.fsdecode(path)}")
