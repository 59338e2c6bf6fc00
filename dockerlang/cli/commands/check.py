"""`dockerlang check`: can these Dockerfiles be built at all?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.records import replace

if TYPE_CHECKING:
    from dockerlang.diagnostics import Diagnostic
    from dockerlang.linter.fixing import Fixed
    from dockerlang.text import Source

_FORMATS = ("text", "json", "sarif", "github", "checkstyle", "gnu")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-f",
    "--format",
    "output_format",
    type=click.Choice(_FORMATS),
    default="text",
    help="How mistakes are printed.  [default: text]",
)
@click.option("--fix", is_flag=True, help="Apply fixes that are certain.")
@click.option("--diff", is_flag=True, help="Write nothing; print what --fix would change.")
def command(*, files: tuple[str, ...], output_format: str, fix: bool, diff: bool) -> None:
    """Find mistakes of syntax and meaning in Dockerfiles, and text that is read as something else; no opinions.

    FILE is a Dockerfile, or `-` for standard input, whose fixed text goes to standard output. Exits with 0; with 1 if
    there is a mistake; with 2 if a file could not be read.

    \b
    Examples:
      dockerlang check Dockerfile
      dockerlang check --fix Dockerfile
      dockerlang check --format json - < Dockerfile
    """
    from dockerlang.builder.checking import check
    from dockerlang.builder.contexts.local import read_dockerfile
    from dockerlang.diagnostics import Severity
    from dockerlang.errors import DockerlangError
    from dockerlang.linter.fixing import fix_text
    from dockerlang.syntax import parse
    from dockerlang.text import Source, decode

    reports = []
    stream = sys.stdout
    fixed = 0
    has_failed = False
    for name in files:
        try:
            source = Source("-", decode(sys.stdin.buffer.read())) if name == "-" else read_dockerfile(Path(name))
            found = check(parse(source))
            if fix or diff:
                outcome = fix_text(source.text, check, name=source.name)
                _give(source, outcome, does_write=not diff)
                stream = sys.stderr if diff or name == "-" else stream
                if not diff:
                    source, found = Source(source.name, outcome.text), outcome.remaining
                    fixed += outcome.counts.total()
        except DockerlangError as error:
            click.echo(f"dockerlang: {error}", err=True)
            if error.hint:
                click.echo(f"  hint: {error.hint}", err=True)
            has_failed = True
            continue
        reports.append((source, found))
    if output_format == "text":
        from dockerlang.cli.output.text import print_report

        print_report([(source, _with_safe_fixes(found)) for source, found in reports], stream, fixed)
    else:
        from dockerlang.cli.output.reports import print_reports

        print_reports(reports, output_format, stream)
    errors = any(found.severity is Severity.ERROR for _, report in reports for found in report)
    sys.exit(2 if has_failed else int(errors))


def _with_safe_fixes(found: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """What can be fixed here; what else could be done is said as help."""
    from dockerlang.diagnostics import Safety

    return [replace(one, fixes=tuple(fix for fix in one.fixes if fix.safety is Safety.SAFE)) for one in found]


def _give(source: Source, outcome: Fixed, *, does_write: bool) -> None:
    """Write the fixed text back, or print it or the change; raises `InputError` where it cannot be written."""
    from dockerlang.formatter.run import Outcome, write_back
    from dockerlang.text import encode

    change = Outcome(source, outcome.text)
    if not does_write:
        click.echo(encode(change.difference("fixed")), nl=False)
    elif source.name == "-":
        click.echo(encode(outcome.text), nl=False)
    elif change.is_changed:
        write_back(Path(source.name), outcome.text)
