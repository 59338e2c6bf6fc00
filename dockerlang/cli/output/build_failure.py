"""Prints a failed build: the place in the Dockerfile like a lint finding, and the last lines of the step's output."""

from __future__ import annotations

import click

from dockerlang.builder.failure import BuildFailure
from dockerlang.cli.output.text import render_diagnostics

# A file that is no Dockerfile has something wrong on every line.
_MOST = 6


def print_failure(failure: BuildFailure) -> None:
    """Print the failure to standard error."""
    if failure.output:
        click.echo("the last output of the step:", err=True)
        for line in failure.output:
            click.echo(f"  | {line}", err=True)
    render_diagnostics(failure.source, failure.diagnostics[:_MOST])
    if len(failure.diagnostics) > _MOST:
        rest = len(failure.diagnostics) - _MOST
        click.echo(f"and {rest} more; see them all with: dockerlang lint {failure.source.name}", err=True)
