"""`dockerlang port`: where the ports of a container are published."""

from __future__ import annotations

import click

from dockerlang.cli import completing
from dockerlang.cli.session import Session


@click.command()
@click.argument("container", shell_complete=completing.containers)
@click.argument("port", metavar="[PORT[/PROTOCOL]]", default="")
@click.pass_obj
def command(session: Session, container: str, port: str) -> None:
    """Print the addresses of the host at which ports of a running container are published, or those of one port.

    \b
    Examples:
      dockerlang port web
      curl http://$(dockerlang port web 80 | head -n 1)/
    """
    from dockerlang.containers.ports import parse_exposed, published_ports
    from dockerlang.containers.settings import read_settings
    from dockerlang.errors import NotFoundError
    from dockerlang.store.records import ContainerState
    from dockerlang.store.store import Store

    wanted = parse_exposed(port) if port else ()
    found = Store.open(session.root).find_container(container)
    if found is None:
        raise NotFoundError(f"No such container: {container}", hint="`dockerlang ps -a` lists them")
    settings = read_settings(found)
    is_running = found.state is ContainerState.RUNNING
    published = published_ports(settings.ports) if settings is not None and is_running else ()
    if not port:
        for each in published:
            click.echo(f"{each.key} -> {each.place}")
        return
    places = [each.place for each in published if each.key in wanted]
    if not places:
        raise NotFoundError(f"No public port '{wanted[0]}' published for {found.name}")
    click.echo("\n".join(places))
