"""`dockerlang logs`: what a container or a build printed."""

from __future__ import annotations

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("name", metavar="CONTAINER|BUILD", shell_complete=completing.containers)
@click.option("-f", "--follow", is_flag=True, help="Wait for more, until the container or the build has ended.")
@click.option("--since", default="", metavar="TIME", help="Show what came since then: a time, or an age as 42m.")
@click.option("--until", default="", metavar="TIME", help="Show what came before then.")
@click.option("-n", "--tail", default="all", show_default=True, metavar="NUMBER", help="Show the last lines only.")
@click.option("-t", "--timestamps", is_flag=True, help="Show when each line came.")
@click.pass_obj
def command(session: Session, name: str, follow: bool, since: str, until: str, tail: str, timestamps: bool) -> None:
    """Print what a container's process printed, its errors to the error output; or what the steps of a build printed.

    A container of `run --rm` that is not detached has no log: its output is where it was run. `dockerlang builds` lists
    builds; the values of secrets are not in their logs.

    \b
    Examples:
      dockerlang logs web
      dockerlang logs -f --tail 10 -t web
      dockerlang logs --since 2026-11-24T08:00:00Z --until 10m web
      dockerlang logs 5f0c81b2a6de
    """
    from dockerlang.cli.output.logs import LogView
    from dockerlang.errors import NotFoundError
    from dockerlang.store.builds import Builds
    from dockerlang.store.store import Store

    view = LogView.of(since, until, tail, with_times=timestamps)
    store = Store.open(session.root)
    container = store.find_container(name)
    if container is not None:
        view.print_container(store, container, follow=follow)
        return
    builds = Builds(store.layout)
    record = builds.find(name)
    if record is None:
        raise NotFoundError(
            f"No such container or build: {name}", hint="`dockerlang ps -a` and `dockerlang builds` list them"
        )
    view.print_build(builds, record, follow=follow)
