"""`dockerlang builds`: what was built."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.option(
    "--format", "format_", default="", metavar="FORMAT", help="'table', 'table TEMPLATE', TEMPLATE or 'json'."
)
@click.option("-q", "--quiet", is_flag=True, help="Print IDs only.")
@click.pass_obj
def command(session: Session, format_: str, quiet: bool) -> None:
    """List builds, the newest first; also `dockerlang builder ls`.

    A template names fields: {{.ID}}, {{.Status}}, {{.CreatedAt}}, {{.Started}}, {{.Duration}}, {{.Steps}}, {{.Cached}},
    {{.Dockerfile}}, {{.Target}}, {{.Image}} and {{.Names}}. FORMAT may also be typed-json.

    \b
    Examples:
      dockerlang builds
      dockerlang logs $(dockerlang builds -q | head -n 1)
    """
    import time

    from dockerlang.cli.output.builds import BUILD_HEADERS, BUILD_TABLE, build_rows
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.store.builds import Builds
    from dockerlang.store.store import Store

    builds = Builds(Store.open(session.root).layout).all()
    if format_ == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json, typed_builds

        click.echo(as_typed_json(typed_builds(builds)))
        return
    rows = build_rows(builds, now=time.time())
    for line in list_rows(rows, BUILD_HEADERS, BUILD_TABLE, "{{.ID}}" if quiet else format_):
        click.echo(line)
