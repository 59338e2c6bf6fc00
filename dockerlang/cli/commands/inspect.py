"""`dockerlang inspect`: all that is known of an image."""

from __future__ import annotations

import sys

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("names", metavar="IMAGE...", nargs=-1, required=True, shell_complete=completing.images)
@click.option("-f", "--format", "format_", default="", metavar="TEMPLATE", help="A template, or 'json'.")
@click.option("--type", "type_", type=click.Choice(["image"]), help="The kind of thing to look for.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], format_: str, type_: str | None) -> None:
    """Show all that is known of images, as JSON.

    \b
    Examples:
      dockerlang inspect app
      dockerlang inspect --format '{{.Config.Env}}' app
      dockerlang inspect -f '{{json .RootFS.Layers}}' app busybox
    """
    import json

    from dockerlang.cli.output.inspection import fill_documents
    from dockerlang.cli.output.templates.template import parse_template
    from dockerlang.store.inspection import inspect_image
    from dockerlang.store.store import Store

    template = parse_template("{{json .}}" if format_ == "json" else format_) if format_ else None
    store = Store.open(session.root)
    found = {name: inspect_image(store, name) for name in names}
    documents = [found[name] for name in names if found[name] is not None]
    if template is None:
        click.echo(json.dumps(documents, indent=4, ensure_ascii=False))
    else:
        click.echo("\n".join(fill_documents(template, documents)))
    for name in names:
        if found[name] is None:
            click.echo(f"Error: No such {type_ or 'object'}: {name}", err=True)
    if None in found.values():
        sys.exit(1)
