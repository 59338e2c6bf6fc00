"""`dockerlang container`: docker's long names for the commands on containers."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.groups import LongNames
from dockerlang.cli.session import Session

_SAME = ("commit", "cp", "diff", "export", "inspect", "kill", "logs", "port", "ps", "rm", "run")

command = LongNames("container", {name: name for name in _SAME} | {"list": "ps", "ls": "ps"}, "Manage containers.")


@command.command(cls=GoFlags)
@click.option("-f", "--force", is_flag=True, help="Do not ask.")
@click.option("--filter", "filters", multiple=True, metavar="KEY=VALUE", help="until=TIME, label=NAME, label!=NAME.")
@click.pass_obj
def prune(session: Session, force: bool, filters: tuple[str, ...]) -> None:
    """Remove all containers that do not run.

    \b
    Example:
      dockerlang container prune -f --filter until=24h
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.cli.pruning import is_confirmed, print_pruned, print_size
    from dockerlang.containers.pruning import Pruned, prune_containers
    from dockerlang.store.listing import parse_filter
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    pruned = Pruned()
    if is_confirmed("This will remove all stopped containers.", is_forced=force):
        enter_for_containers()
        with Store.open(session.root).operation("prune", frees_space=True) as operation:
            pruned = prune_containers(operation, chosen)
    print_pruned(pruned, "Containers")
    print_size(pruned.size)
