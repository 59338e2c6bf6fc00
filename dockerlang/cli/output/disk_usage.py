"""Prints `system df` in the format that is asked for."""

from __future__ import annotations

import time

import click

from dockerlang.cli.output.listing import list_rows
from dockerlang.cli.output.usage import USAGE_HEADERS, USAGE_RAW, USAGE_TABLE, usage_rows
from dockerlang.containers.usage import DiskUsage


def print_usage(usage: DiskUsage, format: str) -> None:
    """A line for each kind of thing."""
    if format == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json, typed_usage

        click.echo(as_typed_json(typed_usage(usage.kinds)))
        return
    for line in list_rows(usage_rows(usage.kinds), USAGE_HEADERS, USAGE_TABLE, format, USAGE_RAW):
        click.echo(line)


def print_usage_in_detail(usage: DiskUsage, format: str) -> None:
    """A line for each thing, in a table for each kind; a template gets all of them at once."""
    from dockerlang.cli.output.usage_details import usage_report, usage_rows_by_kind

    now = time.time()
    if format in ("", "table"):
        click.echo("\n".join(usage_report(usage, now)))
    elif format == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json
        from dockerlang.cli.output.typed_usage import typed_disk_usage

        click.echo(as_typed_json(typed_disk_usage(usage)))
    else:
        from dockerlang.cli.output.templates.template import parse_template
        from dockerlang.cli.output.templates.values import to_json

        rows = usage_rows_by_kind(usage, now, is_truncated=False)
        if format == "json":
            click.echo(to_json({kind: [dict(sorted(row.items())) for row in rows[kind]] for kind in rows}))
        else:
            click.echo(parse_template(format.replace(r"\t", "\t").replace(r"\n", "\n")).fill(rows))
