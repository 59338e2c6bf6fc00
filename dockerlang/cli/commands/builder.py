"""`dockerlang builder`: what builds remember."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.groups import LongNames
from dockerlang.cli.session import Session

command = LongNames("builder", {"build": "build", "logs": "logs", "ls": "builds"}, "Manage builds.")


@command.command(cls=GoFlags)
@click.option("-a", "--all", "all_", is_flag=True, help="Accepted for docker's sake; all of it goes anyway.")
@click.option("-f", "--force", is_flag=True, help="Do not ask.")
@click.option("--filter", "filters", multiple=True, metavar="until=TIME", help="Only what was not used since then.")
@click.pass_obj
def prune(session: Session, all_: bool, force: bool, filters: tuple[str, ...]) -> None:
    """Forget the build cache and the logs of builds, and remove steps that no image needs. Cache mounts stay.

    \b
    Example:
      dockerlang builder prune -f --filter until=48h
    """
    from dockerlang.cli.privilege import enter_to_remove_trees
    from dockerlang.cli.pruning import is_confirmed, print_size
    from dockerlang.containers.pruning import Pruned, prune_build_cache
    from dockerlang.store.builds import Builds
    from dockerlang.store.listing import parse_filter, parse_moment
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    pruned = Pruned()
    if is_confirmed("This will remove all build cache.", is_forced=force):
        store = Store.open(session.root)
        enter_to_remove_trees(store)
        with store.operation("prune", frees_space=True) as operation:
            pruned = prune_build_cache(operation, chosen)
            moments = [parse_moment(value) for _, value in chosen]
            pruned.size += Builds(store.layout).forget(min(moments) if moments else None)
    if pruned.removed:
        click.echo("\n".join(["Deleted build cache objects:", *pruned.removed, ""]))
    print_size(pruned.size)
