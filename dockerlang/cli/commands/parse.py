"""`dockerlang parse`: the tree of a Dockerfile."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("file")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Indented text for people, or JSON with every field for programs.",
)
def command(*, file: str, output_format: str) -> None:
    """Print the tree of FILE (`-` for standard input): each node with its kind, its fields, and where it stands.

    Lines and columns count from 1, columns in code points; offsets in JSON count from 0. What is wrong in the file is
    no error here; `dockerlang check` says it. On a terminal the tree has colours, unless NO_COLOR is set.

    \b
    Examples:
      dockerlang parse Dockerfile
      dockerlang parse --format json - < Dockerfile | jq '.items[].kind'
    """
    from dockerlang.config.dockerfiles import read_source
    from dockerlang.syntax import parse
    from dockerlang.syntax.dump import json_of

    document = parse(read_source(file))
    if output_format == "text":
        from dockerlang.cli.output.tree import print_tree

        print_tree(document, sys.stdout)
        return
    import json

    click.echo(json.dumps(json_of(document), indent=2))
