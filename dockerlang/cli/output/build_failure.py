"""Prints a failed build: the place in the Dockerfile like a lint finding, the step's last output, and where to look."""

from __future__ import annotations

from collections.abc import Iterator

import click

from dockerlang.builder.failure import BuildFailure
from dockerlang.cli.output.columns import plain_text
from dockerlang.cli.output.text import render_diagnostics

# A file that is no Dockerfile has something wrong on every line.
_MOST = 6


def print_failure(failure: BuildFailure) -> None:
    """Print the failure to standard error."""
    if failure.output:
        click.echo("the last output of the step:", err=True)
        for line in failure.output:
            click.echo(f"  | {plain_text(line)}", err=True)
    render_diagnostics(failure.source, failure.diagnostics[:_MOST])
    if len(failure.diagnostics) > _MOST:
        rest = len(failure.diagnostics) - _MOST
        click.echo(f"and {rest} more; see them all with: dockerlang lint {failure.source.name}", err=True)
    ways = list(_ways(failure))
    if ways:
        click.echo("to look into it:", err=True)
        width = max(len(command) for command, _ in ways)
        for command, what in ways:
            click.echo(f"  {command:<{width}}  # {what}", err=True)


def _ways(failure: BuildFailure) -> Iterator[tuple[str, str]]:
    """Commands that show more, and what."""
    if failure.failed_image:
        yield f"dockerlang run -it {_short(failure.failed_image)} sh", "the files at the moment of failure"
    if failure.image:
        yield f"dockerlang run -it {_short(failure.image)} sh", "the files before this step"
    if failure.output:
        yield f"dockerlang logs {failure.build}", "the whole output"


def _short(image: str) -> str:
    return image.removeprefix("sha256:")[:12]
