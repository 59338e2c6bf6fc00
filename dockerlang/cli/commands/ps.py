"""`dockerlang ps`: the containers."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.option("-a", "--all", "all_", is_flag=True, help="Show those that have ended, too.")
@click.option(
    "--format", "format_", default="", metavar="FORMAT", help="'table', 'table TEMPLATE', TEMPLATE or 'json'."
)
@click.option("--no-trunc", is_flag=True, help="Show whole IDs and commands.")
@click.option("-q", "--quiet", is_flag=True, help="Print IDs only.")
@click.pass_obj
def command(session: Session, all_: bool, format_: str, no_trunc: bool, quiet: bool) -> None:
    """List containers, the newest first; those that run, unless all are asked for.

    A template names fields: {{.ID}}, {{.Image}}, {{.Command}}, {{.CreatedAt}}, {{.RunningFor}}, {{.State}},
    {{.Status}}, {{.Names}}.

    \b
    Examples:
      dockerlang ps -a
      dockerlang ps -a --format '{{.Names}}: {{.Status}}'
      dockerlang rm $(dockerlang ps -aq)
    """
    import time

    from dockerlang.cli.output.containers import CONTAINER_HEADERS, CONTAINER_TABLE, container_rows
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.store.listing import names_of, select_images
    from dockerlang.store.records import ContainerState
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    containers = [container for container in store.containers() if all_ or container.state is ContainerState.RUNNING]
    names = {
        image.id: repository if tag == "latest" else f"{repository}:{tag}"
        for image in select_images(store, all=True)
        for repository, tag, _ in names_of(image)
        if repository and tag
    }
    rows = container_rows(containers, names, now=time.time(), is_truncated=not no_trunc)
    for line in list_rows(rows, CONTAINER_HEADERS, CONTAINER_TABLE, "{{.ID}}" if quiet else format_):
        click.echo(line)
