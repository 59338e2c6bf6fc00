"""`dockerlang inspect`: all that is known of an image, a container or a volume."""

from __future__ import annotations

import sys

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=completing.images)
@click.option("-f", "--format", "format_", default="", metavar="TEMPLATE", help="A template, or 'json'.")
@click.option("-s", "--size", is_flag=True, help="Show how much a container wrote.")
@click.option(
    "--type", "type_", type=click.Choice(["image", "container", "volume"]), help="The kind of thing to look for."
)
@click.pass_context
def command(context: click.Context, names: tuple[str, ...], format_: str, size: bool, type_: str | None) -> None:
    """Show all that is known of containers, images and volumes, as JSON. Of one name the container counts first.

    \b
    Examples:
      dockerlang inspect app
      dockerlang inspect --format '{{.Config.Env}}' app
      dockerlang inspect --type container -f '{{.State.ExitCode}}' web
    """
    from dockerlang.cli.output.inspection import find_document, print_documents
    from dockerlang.cli.output.templates.template import parse_template
    from dockerlang.store.store import Store

    session = context.obj
    assert isinstance(session, Session)
    # `image inspect` and `container inspect` are this command, too.
    parent = context.parent.info_name if context.parent is not None else None
    kind = type_ or (parent if parent in ("image", "container") else None)
    if format_ not in ("", "json"):
        # A template that cannot be read is said before anything is looked up.
        parse_template(format_)
    store = Store.open(session.root)
    found = {name: find_document(store, name, kind, with_size=size) for name in names}
    print_documents([document for document in found.values() if document is not None], format_)
    for name, document in found.items():
        if document is None:
            click.echo(f"Error: No such {kind or 'object'}: {name}", err=True)
    if None in found.values():
        sys.exit(1)
