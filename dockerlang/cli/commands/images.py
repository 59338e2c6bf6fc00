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
) -> None:
    """List images, the newest first.

    Filters are dangling=true|false, label=NAME[=VALUE], before=IMAGE, since=IMAGE and reference=PATTERN. A template
    names fields: {{.ID}}, {{.Repository}}, {{.Tag}}, {{.Digest}}, {{.CreatedSince}}, {{.CreatedAt}}, {{.Size}}.

    \b
    Examples:
      dockerlang images
      dockerlang images -a --no-trunc
      dockerlang images 'app*' --filter label=stage=test
      dockerlang images --format '{{.Repository}}:{{.Tag}} {{.Size}}'
    """
    import time

    from dockerlang.cli.output.images import IMAGE_HEADERS, IMAGE_TABLE, IMAGE_TABLE_WITH_DIGESTS, image_rows
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.store.listing import parse_filter, select_images
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    if repository:
        chosen.append(("reference", repository))
    images = select_images(Store.open(session.root), chosen, all=all_)
    if repository in ("ls", "list") and not images:
        click.echo(f'No images found matching "{repository}": did you mean "dockerlang images"?', err=True)
    rows = image_rows(images, now=time.time(), is_truncated=not no_trunc, with_digests=digests)
    table = IMAGE_TABLE_WITH_DIGESTS if digests else IMAGE_TABLE
    for line in list_rows(rows, IMAGE_HEADERS, table, "{{.ID}}" if quiet else format_):
        click.echo(line)
