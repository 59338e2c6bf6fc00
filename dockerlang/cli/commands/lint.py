"""`dockerlang lint`: what is wrong with Dockerfiles, and fixes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dockerlang.config.formats import FORMATS

_THRESHOLDS = ("error", "warning", "info", "style", "ignore", "none")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-f",
    "--format",
    "output_format",
    # What used to be the name of `full` goes on working.
    type=click.Choice([*FORMATS, "text"]),
    metavar=f"[{'|'.join(FORMATS)}]",
    help="How findings are printed.  [default: full]",
)
@click.option("--fix", is_flag=True, help="Apply fixes that keep what is built.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply fixes that may change what is built, too.")
@click.option("--diff", is_flag=True, help="Write nothing; print what --fix or --unsafe-fixes would change.")
@click.option(
    "--add-ignores", is_flag=True, help="Write a comment above each instruction that silences what is found in it now."
)
@click.option("--select", multiple=True, metavar="CODES", help="Report these rules only: codes, names, or families.")
@click.option("--extend-select", multiple=True, metavar="CODES", help="Report these rules, too.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not report these rules; may be given several times.")
@click.option(
    "-t",
    "--failure-threshold",
    type=click.Choice(_THRESHOLDS, case_sensitive=False),
    help="Exit with 1 only for findings at least as grave.  [default: style]",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--statistics", is_flag=True, help="Print how often each rule was broken instead of each finding.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is called, and where it is taken to lie.")
@click.option("--no-shellcheck", is_flag=True, help="Do not run ShellCheck on the scripts of RUN.")
@click.option("--no-cache", is_flag=True, help="Neither look up findings of earlier runs nor remember these.")
@click.option("--clear-cache", is_flag=True, help="Forget the findings of earlier runs, and do nothing else.")
@click.option("--show-settings", is_flag=True, help="Print the settings that hold here, and do nothing else.")
@click.option("--watch", is_flag=True, help="Lint again whenever a file changes, until Ctrl-C.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(0),
    default=0,
    metavar="NUMBER",
    help="Processes that lint.  [default: one, for many files as many as there are processors]",
)
@click.option(
    "-c",
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Configuration.  [default: dockerlang.toml, pyproject.toml and .hadolint.yaml, here or above]",
)
def command(
    *,
    paths: tuple[str, ...],
    output_format: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_ignores: bool,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    failure_threshold: str | None,
    exit_zero: bool,
    statistics: bool,
    stdin_filename: str | None,
    no_shellcheck: bool,
    no_cache: bool,
    clear_cache: bool,
    show_settings: bool,
    watch: bool,
    jobs: int,
    config_file: Path | None,
) -> None:
    """Find mistakes in Dockerfiles: hadolint's rules, BuildKit's checks, ShellCheck on every RUN, and rules of our own.

    A PATH is a file, a folder to search for Dockerfiles, or `-` for standard input, whose fixed text goes to standard
    output.  [default: the current folder]

    CODES are codes (DL3008, SC2086, StageNameCasing), names of rules, or families (hadolint, buildkit, shellcheck,
    dockerlang), parted by commas. `dockerlang rule CODE` explains one.

    Exits with 0; with 1 if something was found; with 2 if a file could not be read.

    \b
    Examples:
      dockerlang lint Dockerfile
      dockerlang lint --fix .
      dockerlang lint --ignore DL3008,SC2086 --failure-threshold warning .
      dockerlang lint --format sarif . > dockerlang.sarif
      dockerlang lint --stdin-filename app/Dockerfile - < Dockerfile
    """
    from dockerlang.cli.linting.wishes import Wishes

    if clear_cache:
        _clear_cache()
        return
    wishes = Wishes(
        paths=paths,
        output_format="full" if output_format == "text" else output_format,
        fix=fix,
        unsafe_fixes=unsafe_fixes,
        diff=diff,
        add_ignores=add_ignores,
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        failure_threshold=failure_threshold,
        exit_zero=exit_zero,
        statistics=statistics,
        stdin_filename=stdin_filename,
        no_shellcheck=no_shellcheck,
        no_cache=no_cache,
        jobs=jobs,
        config_file=config_file,
    )
    if show_settings:
        from dockerlang.cli.linting.wishes import configuration_of
        from dockerlang.config.settings_text import settings_as_toml

        click.echo(settings_as_toml(configuration_of(wishes)), nl=False)
        return
    if watch:
        from dockerlang.cli.linting.watching import watch_and_lint

        watch_and_lint(wishes)
    from dockerlang.cli.linting.running import lint_and_print

    sys.exit(lint_and_print(wishes, sys.argv[1:]))


def _clear_cache() -> None:
    from dockerlang.linter.cache import ResultCache

    cache = ResultCache.of_user()
    if cache is not None:
        cache.clear()
