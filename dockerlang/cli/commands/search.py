"""`dockerlang search`: repositories in a registry, and their tags."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.registries import insecure_option


@click.command(cls=GoFlags)
@click.argument("term", metavar="TERM")
@click.option("-f", "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="Show only what fits.")
@click.option(
    "--format", "format_", default="", metavar="FORMAT", help="'table', 'table TEMPLATE', TEMPLATE or 'json'."
)
@click.option("--limit", type=int, default=25, show_default=True, help="At most so many results, 1 to 100.")
@click.option("-s", "--stars", type=click.IntRange(0), help="The same as --filter stars=NUMBER, as docker had it once.")
@click.option("--automated", is_flag=True, help="The same as --filter is-automated=true: no registry marks any today.")
@click.option("--no-trunc", is_flag=True, help="Show whole descriptions.")
@click.option("--list-tags", is_flag=True, help="List the tags of the repository TERM.")
@click.option(
    "--list-referrers", is_flag=True, help="List what refers to the image TERM: signatures, bills of materials."
)
@insecure_option
def command(
    term: str,
    filters: tuple[str, ...],
    format_: str,
    limit: int,
    stars: int | None,
    automated: bool,
    no_trunc: bool,
    list_tags: bool,
    list_referrers: bool,
    insecure: tuple[str, ...],
) -> None:
    """Search Docker Hub, or the registry that TERM begins with.

    Filters are stars=NUMBER and is-official=true|false. Fields of templates are {{.Name}}, {{.Description}},
    {{.StarCount}} and {{.IsOfficial}}; with --list-tags {{.Name}} and {{.Tag}}, with --list-referrers {{.Digest}},
    {{.ArtifactType}} and {{.Size}}. FORMAT may also be typed-json.

    \b
    Examples:
      dockerlang search nginx --filter is-official=true
      dockerlang search registry.example.com/app
      dockerlang search --list-tags alpine
    """
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.cli.output.search import (
        REFERRER_HEADERS,
        REFERRER_TABLE,
        SEARCH_HEADERS,
        SEARCH_TABLE,
        TAG_HEADERS,
        TAG_TABLE,
        find_referrers,
        referrer_rows,
        search_rows,
        selected,
        typed_referrers,
        typed_search,
    )
    from dockerlang.cli.registries import open_registries
    from dockerlang.oci.reference import parse_reference
    from dockerlang.registry.search import search

    with open_registries(insecure) as registries:
        if list_tags:
            reference = parse_reference(term)
            tags = registries.tags(reference)
            rows = [{"Name": reference.familiar_name, "Tag": tag} for tag in tags]
            headers, table = TAG_HEADERS, TAG_TABLE
            documents = [{"name": reference.familiar_name, "tag": tag} for tag in tags]
        elif list_referrers:
            referrers = find_referrers(registries, parse_reference(term))
            rows, headers, table = referrer_rows(referrers), REFERRER_HEADERS, REFERRER_TABLE
            documents = typed_referrers(referrers)
        else:
            older = [f"stars={stars}"] * (stars is not None) + ["is-automated=true"] * automated
            found = selected(search(registries, term, limit), (*filters, *older))
            rows = search_rows(found, is_truncated=not no_trunc)
            headers, table = SEARCH_HEADERS, SEARCH_TABLE
            documents = typed_search(found)
    if format_ == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json

        click.echo(as_typed_json(documents))
        return
    for line in list_rows(rows, headers, table, format_):
        click.echo(line)
