"""`dockerlang check`: can these Dockerfiles be built at all?"""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def command(files: tuple[str, ...]) -> None:
    """Find mistakes of syntax and meaning in Dockerfiles, and text that is read as something else; no opinions.

    FILE is a Dockerfile, or `-` for standard input. Exits with 0; with 1 if there is a mistake; with 2 if a file could
    not be read.

    \b
    Examples:
      dockerlang check Dockerfile
      dockerlang check - < Dockerfile
    """
    from dockerlang.builder.checking import check
    from dockerlang.builder.contexts.local import read_dockerfile
    from dockerlang.cli.output.text import print_report
    from dockerlang.diagnostics import Severity
    from dockerlang.errors import DockerlangError
    from dockerlang.syntax import parse
    from dockerlang.text import Source, decode

    reports = []
    has_failed = False
    for name in files:
        try:
            source = Source("-", decode(sys.stdin.buffer.read())) if name == "-" else read_dockerfile(Path(name))
        except DockerlangError as error:
            click.echo(f"dockerlang: {error}", err=True)
            has_failed = True
            continue
        reports.append((source, check(parse(source))))
    print_report(reports, sys.stdout)
    errors = any(found.severity is Severity.ERROR for _, report in reports for found in report)
    sys.exit(2 if has_failed else int(errors))
