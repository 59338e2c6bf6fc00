"""`dockerlang format`: Dockerfiles in one style."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dockerlang.formatter.run import Outcome


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Write nothing; name the files that are not in the style, and exit with 1.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.option(
    "--keyword-case",
    type=click.Choice(["upper", "lower", "preserve"]),
    help="How FROM, AS and the like are written.  [default: upper]",
)
@click.option(
    "--indent",
    type=click.IntRange(1, 16),
    metavar="COLUMNS",
    help="Indentation of lines that continue an instruction.  [default: 4]",
)
@click.option("--tabs", is_flag=True, help="Indent by tabs, each as wide as --indent says.")
@click.option("--keep-shell", is_flag=True, help="Leave the lines of shell commands where they are.")
def command(
    *,
    paths: tuple[str, ...],
    check: bool,
    diff: bool,
    keyword_case: str | None,
    indent: int | None,
    tabs: bool,
    keep_shell: bool,
) -> None:
    """Rewrite Dockerfiles in one style, without changing what they mean.

    A PATH is a file, a folder to search for Dockerfiles, or `-` for standard input, whose formatted text goes to
    standard output.  [default: the current folder]

    Options that are not given are read from `[format]` of `dockerlang.toml` or `[tool.dockerlang.format]` of
    `pyproject.toml`, here or in a folder above.

    Exits with 0; with 1 if --check finds a file that would change; with 2 if a file could not be read or written.

    \b
    Examples:
      dockerlang format Dockerfile
      dockerlang format --check --diff .
      dockerlang format --keep-shell - < Dockerfile
    """
    from dockerlang.config.dockerfiles import STANDARD_INPUT, find_dockerfiles, read_source
    from dockerlang.config.format_settings import format_options
    from dockerlang.errors import InputError
    from dockerlang.formatter.options import KeywordCase, Options
    from dockerlang.formatter.run import format_source, write_back
    from dockerlang.text import encode

    project = format_options(Path.cwd())
    options = Options(
        KeywordCase(keyword_case) if keyword_case is not None else project.keyword_case,
        indent if indent is not None else project.indent,
        does_use_tabs=tabs or project.does_use_tabs,
        does_keep_shell=keep_shell or project.does_keep_shell,
    )
    outcomes: list[Outcome] = []
    files = list(find_dockerfiles(paths or (".",)))
    for path in files:
        try:
            outcome = format_source(read_source(path), options)
            if outcome.is_changed and not (check or diff) and path != STANDARD_INPUT:
                write_back(Path(path), outcome.formatted)
        except InputError as error:
            click.echo(f"dockerlang: {error}", err=True)
            continue
        outcomes.append(outcome)
        if diff:
            click.echo(encode(outcome.difference()), nl=False)
        elif path == STANDARD_INPUT and not check:
            click.echo(encode(outcome.formatted), nl=False)
    changed = [outcome.source.name for outcome in outcomes if outcome.is_changed]
    if check or diff:
        _report("would format", changed, files)
    elif files != [STANDARD_INPUT]:
        _report("formatted", changed, files)
    sys.exit(2 if len(outcomes) < len(files) else int(check and bool(changed)))


def _report(verb: str, changed: list[str], files: list[str]) -> None:
    """Say on standard error which files change, and of how many."""
    for name in changed:
        click.echo(f"{verb} {name}", err=True)
    total = "1 file" if len(files) == 1 else f"{len(files)} files"
    click.echo(f"{verb} {len(changed)} of {total}" if changed else f"{total} left unchanged", err=True)
