"""`dockerlang images`: what is in the store."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("repository", metavar="[REPOSITORY[:TAG]]", default="")
@click.option("-a", "--all", "all_", is_flag=True, help="Show intermediate images, too.")
@click.option("--digests", is_flag=True, help="Show the digests that registries know images by.")
@click.option("-f", "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="Show only images that fit.")
@click.option(
    "--format", "format_", default="", metavar="FORMAT", help="'table', 'table TEMPLATE', TEMPLATE or 'json'."
)
@click.option("--no-trunc", is_flag=True, help="Show whole IDs.")
@click.option("-q", "--quiet", is_flag=True, help="Print IDs only.")
@click.option("--tree", is_flag=True, help="Draw what is built on what, with the steps of builds.")
@click.pass_obj
def command(
    session: Session,
    repository: str,
    all_: bool,
    digests: bool,
    filters: tuple[str, ...],
    format_: str,
    no_trunc: bool,
    quiet: bool,
    tree: bool,
) -> None:
    """List images, the newest first.

    Filters are dangling=true|false, label=NAME[=VALUE], label!=NAME[=VALUE], before=IMAGE, since=IMAGE, until=TIME and
    reference=PATTERN. FORMAT may also be typed-json: bytes and times for programs. A template
    names fields: {{.ID}}, {{.Repository}}, {{.Tag}}, {{.Digest}}, {{.CreatedSince}}, {{.CreatedAt}}, {{.Size}}.

    \b
    Examples:
      dockerlang images
      dockerlang images -a --no-trunc
      dockerlang images 'app*' --filter label=stage=test
      dockerlang images --format '{{.Repository}}:{{.Tag}} {{.Size}}'
    """
    import time

    from dockerlang.cli.output.images import (
        IMAGE_HEADERS,
        IMAGE_RAW,
        IMAGE_RAW_WITH_DIGESTS,
        IMAGE_TABLE,
        IMAGE_TABLE_WITH_DIGESTS,
        image_rows,
    )
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.store.listing import parse_filter, select_images
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    if repository:
        chosen.append(("reference", repository))
    store = Store.open(session.root)
    if not quiet:
        store.measure()
    images = select_images(store, chosen, all=all_ or tree)
    if tree:
        from dockerlang.cli.output.image_tree import image_tree

        click.echo("\n".join(image_tree(images)))
        return
    if format_ == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json, typed_images

        click.echo(as_typed_json(typed_images(images)))
        return
    if repository in ("ls", "list") and not images:
        click.echo(f'No images found matching "{repository}": did you mean "dockerlang images"?', err=True)
    rows = image_rows(images, now=time.time(), is_truncated=not no_trunc, with_digests=digests)
    table = IMAGE_TABLE_WITH_DIGESTS if digests else IMAGE_TABLE
    raw = IMAGE_RAW_WITH_DIGESTS if digests else IMAGE_RAW
    for line in list_rows(rows, IMAGE_HEADERS, table, "{{.ID}}" if quiet else format_, raw):
        click.echo(line)
