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
@click.option("-f", "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="Show only containers that fit.")
@click.option("-n", "--last", type=int, default=-1, metavar="NUMBER", help="Show the newest so many, ended or not.")
@click.option("-l", "--latest", is_flag=True, help="Show the newest one, ended or not.")
@click.option("--no-trunc", is_flag=True, help="Show whole IDs and commands.")
@click.option("-q", "--quiet", is_flag=True, help="Print IDs only.")
@click.pass_obj
def command(
    session: Session,
    all_: bool,
    format_: str,
    filters: tuple[str, ...],
    last: int,
    latest: bool,
    no_trunc: bool,
    quiet: bool,
) -> None:
    """List containers, the newest first; those that run, unless all are asked for.

    A template names fields: {{.ID}}, {{.Image}}, {{.Command}}, {{.CreatedAt}}, {{.RunningFor}}, {{.State}},
    {{.Status}}, {{.Names}}, {{.Labels}}, {{.Mounts}}, {{.Ports}}, {{.Networks}}. Filters are ancestor=IMAGE,
    exited=CODE, expose=PORT[/PROTOCOL], id=START, label=NAME, name=PART, network=NAME, publish=PORT[/PROTOCOL],
    status=created|running|exited and volume=NAME.

    \b
    Examples:
      dockerlang ps -a
      dockerlang ps -a --format '{{.Names}}: {{.Status}}'
      dockerlang rm $(dockerlang ps -aq)
    """
    import time

    from dockerlang.cli.output.containers import CONTAINER_HEADERS, CONTAINER_RAW, CONTAINER_TABLE, container_rows
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.containers.selection import select_containers
    from dockerlang.store.listing import names_of, parse_filter, select_images
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    count = 1 if latest else last
    containers = select_containers(store, [parse_filter(text) for text in filters], all=all_ or count >= 0)
    containers = containers if count < 0 else containers[:count]
    if format_ == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json, typed_containers

        click.echo(as_typed_json(typed_containers(containers)))
        return
    names = {
        image.id: repository if tag == "latest" else f"{repository}:{tag}"
        for image in select_images(store, all=True)
        for repository, tag, _ in names_of(image)
        if repository and tag
    }
    rows = container_rows(containers, names, now=time.time(), is_truncated=not no_trunc)
    format_ = "{{.ID}}" if quiet else format_
    for line in list_rows(rows, CONTAINER_HEADERS, CONTAINER_TABLE, format_, CONTAINER_RAW):
        click.echo(line)
