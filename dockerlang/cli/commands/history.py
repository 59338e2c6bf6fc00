"""`dockerlang history`: how an image came about."""

from __future__ import annotations

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("image", shell_complete=completing.images)
@click.option(
    "--format", "format_", default="", metavar="FORMAT", help="'table', 'table TEMPLATE', TEMPLATE or 'json'."
)
@click.option("-H", "--human/--no-human", default=True, help="Show ages and rounded sizes (else times and bytes).")
@click.option("--no-trunc", is_flag=True, help="Show whole IDs and commands.")
@click.option("-q", "--quiet", is_flag=True, help="Print IDs only.")
@click.pass_obj
def command(session: Session, image: str, format_: str, human: bool, no_trunc: bool, quiet: bool) -> None:
    """Show the steps that made an image, the last first, with the size of what each added.

    A step that is an image of its own in the store is shown with its ID, others as <missing>.

    \b
    Examples:
      dockerlang history app
      dockerlang history --no-trunc --human=false app
      dockerlang history --format '{{.Size}} {{.CreatedBy}}' app
    """
    import time

    from dockerlang.cli.output.images import HISTORY_HEADERS, HISTORY_TABLE, history_rows
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.store.history import image_history
    from dockerlang.store.store import Store

    steps = image_history(Store.open(session.root), image)
    if format_ == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json, typed_history

        click.echo(as_typed_json(typed_history(steps)))
        return
    rows = history_rows(steps, now=time.time(), is_truncated=not no_trunc, is_human=human)
    headers = HISTORY_HEADERS if human else {**HISTORY_HEADERS, "CreatedSince": HISTORY_HEADERS["CreatedAt"]}
    for line in list_rows(rows, headers, HISTORY_TABLE, "{{.ID}}" if quiet else format_):
        click.echo(line)
