"""`dockerlang builder`: what builds remember."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.groups import LongNames
from dockerlang.cli.session import Session

command = LongNames("builder", {"build": "build", "logs": "logs", "ls": "builds"}, "Manage builds.")


@command.command(cls=GoFlags)
@click.option("-a", "--all", "all_", is_flag=True, help="Forget the steps of images that have a name, too.")
@click.option("-f", "--force", is_flag=True, help="Do not ask.")
@click.option(
    "--filter", "filters", multiple=True, metavar="KEY=VALUE",
    help="until=TIME (not used since then), type=regular, type=exec.cachemount.",
)  # fmt: skip
@click.option("--keep-storage", default="", metavar="BYTES", help="Keep so much, as 10gb, of what was used last.")
@click.pass_obj
def prune(session: Session, all_: bool, force: bool, filters: tuple[str, ...], keep_storage: str) -> None:
    """Forget what builds remember and their logs, and remove steps that no image needs and the caches that RUN mounts.

    What a running build uses stays.

    \b
    Examples:
      dockerlang builder prune -f --filter until=48h
      dockerlang builder prune -af --keep-storage 10gb
    """
    from dockerlang.cli.privilege import enter_to_remove_trees
    from dockerlang.cli.pruning import is_confirmed, print_pruned, print_size
    from dockerlang.containers.build_pruning import prune_build_cache
    from dockerlang.containers.pruning import Pruned
    from dockerlang.runtime.limits import parse_size
    from dockerlang.store.builds import Builds
    from dockerlang.store.listing import parse_filter, parse_moment
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    keep = parse_size(keep_storage) if keep_storage else None
    pruned = Pruned()
    if is_confirmed(f"This will remove all {'' if all_ else 'dangling '}build cache.", is_forced=force):
        store = Store.open(session.root)
        enter_to_remove_trees(store)
        with store.operation("prune", frees_space=True) as operation:
            pruned = prune_build_cache(operation, chosen, all=all_, keep_storage=keep)
            if keep is None and not any(key == "type" for key, _ in chosen):
                moments = [parse_moment(value) for key, value in chosen if key == "until"]
                pruned.size += Builds(store.layout).forget(min(moments) if moments else None)
    print_pruned(pruned, "build cache objects")
    print_size(pruned.size)
