"""`dockerlang explain`: what one line of a Dockerfile does."""

from __future__ import annotations

from pathlib import Path

import click

from dockerlang.errors import InputError, UsageError


@click.command()
@click.argument("place", metavar="FILE:LINE")
def command(place: str) -> None:
    """Say what the instruction at FILE:LINE does: how its words expand, what runs it, and which names it sees.

    Defaults of ARG stand for what a build may be given, and what a base image sets is not known.

    \b
    Examples:
      dockerlang explain Dockerfile:12
    """
    from dockerlang.builder.contexts.local import read_dockerfile
    from dockerlang.ide.explanation import explain
    from dockerlang.syntax import parse

    name, _, number = place.rpartition(":")
    if not name or not number.isdecimal() or int(number) == 0:
        raise UsageError(f"`{place}` is no place in a file", hint="write FILE:LINE, such as Dockerfile:12")
    document = parse(read_dockerfile(Path(name)))
    explanation = explain(document, int(number) - 1)
    if explanation is None:
        raise InputError(f"{place} holds no instruction")
    click.echo(document.source.slice(explanation.instruction.code_span))
    for title, rows in explanation.groups:
        click.echo(f"\n{title}:")
        width = max(len(left) for left, _ in rows)
        for left, right in rows:
            click.echo(f"  {left:<{width}}  {right}")
