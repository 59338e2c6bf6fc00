"""`dockerlang image`: docker's long names for the commands on images."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.groups import LongNames
from dockerlang.cli.session import Session

command = LongNames(
    "image",
    {
        "build": "build",
        "history": "history",
        "import": "import_",
        "inspect": "inspect",
        "list": "images",
        "load": "load",
        "ls": "images",
        "pull": "pull",
        "push": "push",
        "rm": "rmi",
        "save": "save",
        "tag": "tag",
    },
    "Manage images.",
)


@command.command(cls=GoFlags)
@click.option("-a", "--all", "all_", is_flag=True, help="Remove all images that no container uses.")
@click.option("-f", "--force", is_flag=True, help="Do not ask.")
@click.option("--filter", "filters", multiple=True, metavar="KEY=VALUE", help="until=TIME, label=NAME, label!=NAME.")
@click.pass_obj
def prune(session: Session, all_: bool, force: bool, filters: tuple[str, ...]) -> None:
    """Remove images that have no name and that nothing is built on.

    \b
    Examples:
      dockerlang image prune -f
      dockerlang image prune -a --filter until=240h
    """
    from dockerlang.cli.privilege import enter_to_remove_trees
    from dockerlang.cli.pruning import is_confirmed, print_pruned, print_size
    from dockerlang.containers.pruning import Pruned, prune_images
    from dockerlang.store.listing import parse_filter
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    kind = "all images without at least one container associated to them" if all_ else "all dangling images"
    pruned = Pruned()
    if is_confirmed(f"This will remove {kind}.", is_forced=force):
        store = Store.open(session.root)
        enter_to_remove_trees(store)
        with store.operation("prune", frees_space=True) as operation:
            pruned = prune_images(operation, chosen, all=all_)
    print_pruned(pruned, "Images")
    print_size(pruned.size)
