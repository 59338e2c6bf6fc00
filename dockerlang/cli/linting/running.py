"""One run of the linter from the command line: lint, print, and say how it ended."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Sequence
from typing import TextIO

import click

from dockerlang.cli.linting.wishes import Wishes, configuration_of, shellcheck_program
from dockerlang.config.formats import FORMATS
from dockerlang.config.hadolint import LintConfiguration
from dockerlang.config.linting import LintRequest, LintRun, lint_paths
from dockerlang.diagnostics import Safety, Severity
from dockerlang.linter.cache import ResultCache
from dockerlang.text import encode


def lint_and_print(wishes: Wishes, arguments: Sequence[str] = ()) -> int:
    """Lint as the command line asks; the exit code. A run with the same `arguments` may be answered without us."""
    # Trees and findings hold no cycles; over thousands of files the collector would take as long as the linter.
    gc.disable()
    configuration = configuration_of(wishes)
    if configuration.is_verbose:
        from dockerlang.config.settings_text import settings_as_toml

        click.echo(settings_as_toml(configuration), nl=False, err=True)
    program = shellcheck_program(configuration)
    key = None
    if _may_be_repeated(wishes, configuration) and (program is not None or not configuration.does_check_shell):
        from dockerlang.cli.linting.replay import run_key

        # Made before anything is read: what changes meanwhile must not be taken for what was linted.
        key = run_key(arguments)
    run = lint_paths(wishes.paths or (".",), _request(wishes, configuration, program))
    if wishes.add_ignores:
        _add_ignores(run, wishes)
    output = _Output(sys.stdout)
    _print(run, wishes, configuration, output)
    for failure in run.failures:
        click.echo(f"dockerlang: {failure}", err=True)
        if failure.hint:
            click.echo(f"  hint: {failure.hint}", err=True)
    code = 2 if run.failures else int(_has_failed(run, configuration))
    output.copy_to(sys.stdout)
    if key is not None and not run.failures and not set(wishes.paths) - _words(arguments):
        from dockerlang.cli.linting.replay import remember

        remember(key, code, output.getvalue())
    return code


def _request(wishes: Wishes, configuration: LintConfiguration, program: str | None) -> LintRequest:
    does_fix = wishes.fix or wishes.unsafe_fixes or wishes.diff
    allow = frozenset({Safety.SAFE} if does_fix else ()) | frozenset({Safety.UNSAFE} if wishes.unsafe_fixes else ())
    return LintRequest(
        settings=configuration.settings,
        per_file_ignores=configuration.per_file_ignores,
        program=program,
        allow=allow,
        cache=None if wishes.no_cache else ResultCache.of_user(),
        jobs=wishes.jobs,
        does_write=not wishes.diff,
        standard_input_name=wishes.stdin_filename or "-",
    )


def _may_be_repeated(wishes: Wishes, configuration: LintConfiguration) -> bool:
    """Whether the output depends on nothing but what the key of a run is made of."""
    return (
        wishes.only_reads
        and bool(wishes.paths)
        and not wishes.no_cache
        and wishes.config_file is None
        and not configuration.extends
        and not configuration.is_verbose
    )


def _words(arguments: Sequence[str]) -> set[str]:
    from dockerlang.cli.linting.replay import named_files

    return set(named_files(arguments))


class _Output(io.StringIO):
    """What is printed, kept until it is complete; as wide and colourful as the stream that it goes to."""

    def __init__(self, target: TextIO) -> None:
        super().__init__(newline="")
        self._is_terminal = target.isatty()

    def isatty(self) -> bool:
        return self._is_terminal

    def copy_to(self, target: TextIO) -> None:
        target.write(self.getvalue())
        target.flush()


def _print(run: LintRun, wishes: Wishes, configuration: LintConfiguration, output: TextIO) -> None:
    """Print findings, or to standard error where standard output gets a fixed text or differences."""
    from dockerlang.cli.output.reports import has_twins, print_findings

    # A format that another linter knows and we do not is read by people.
    wanted = configuration.format if configuration.format in FORMATS else "full"
    stream = output
    if wishes.diff:
        _print_differences(run)
        stream = sys.stderr
    else:
        name = wishes.stdin_filename or "-"
        for change in run.changes:
            if change.source.name == name and "-" in wishes.paths:
                click.echo(encode(change.text), nl=False)
                stream = sys.stderr
    if wishes.statistics:
        from dockerlang.cli.output.statistics import print_statistics

        print_statistics([found for report in run.reports for found in report.shown], wanted, stream)
        return
    everything = has_twins(wanted)
    reports = [(report.source, report.diagnostics if everything else report.shown) for report in run.reports]
    print_findings(
        reports, wanted, stream, 0 if wishes.diff else run.fixed.total(), does_colour=configuration.does_colour
    )


def _print_differences(run: LintRun) -> None:
    from dockerlang.formatter.run import Outcome

    for change in run.changes:
        click.echo(encode(Outcome(change.source, change.text).difference("fixed")), nl=False)


def _add_ignores(run: LintRun, wishes: Wishes) -> None:
    """Write the comments that silence what was found; what they cannot silence remains."""
    from dockerlang.config.baseline import add_ignores

    silenced = add_ignores(run, standard_input_name=wishes.stdin_filename or "-")
    click.echo(f"Silenced {silenced} finding{'' if silenced == 1 else 's'}.", err=True)


def _has_failed(run: LintRun, configuration: LintConfiguration) -> bool:
    least = {severity.word: severity for severity in Severity}.get(configuration.threshold or "style")
    if configuration.never_fails or least is None:
        return False
    return any(diagnostic.severity >= least for report in run.reports for diagnostic in report.diagnostics)
