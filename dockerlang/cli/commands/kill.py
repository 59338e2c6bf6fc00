"""`dockerlang kill`: a signal to containers."""

from __future__ import annotations

import sys

import click

from dockerlang.cli import completing
from dockerlang.cli.session import Session


@click.command()
@click.argument("containers", metavar="CONTAINER...", nargs=-1, required=True, shell_complete=completing.containers)
@click.option("-s", "--signal", "signal_", default="KILL", show_default=True, help="Name or number of the signal.")
@click.pass_obj
def command(session: Session, containers: tuple[str, ...], signal_: str) -> None:
    """Send a signal to the first process of running containers; KILL ends all of their processes.

    \b
    Examples:
      dockerlang kill web
      dockerlang kill -s HUP web
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.containers.processes import send_signal, signal_number
    from dockerlang.errors import DockerlangError, NotFoundError
    from dockerlang.store.store import Store

    number = signal_number(signal_)
    enter_for_containers()
    store = Store.open(session.root)
    failed = False
    for name in containers:
        try:
            container = store.find_container(name)
            if container is None:
                raise NotFoundError(f"No such container: {name}")
            send_signal(store, container, number)
        except DockerlangError as error:
            click.echo(f"Error: cannot kill container: {name}: {error}", err=True)
            failed = True
        else:
            click.echo(name)
    if failed:
        sys.exit(1)
