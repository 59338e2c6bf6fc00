"""`dockerlang config`: the settings of a project, and the way to them from hadolint's."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def command() -> None:
    """Show, check and convert the settings of the linter and the formatter."""


@command.command()
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
def show(*, config_file: Path | None) -> None:
    """Print the linter's settings that hold in the current folder, those that are the default as well.

    \b
    Examples:
      dockerlang config show
      dockerlang config show --config ci/dockerlang.toml
    """
    from dockerlang.config.lint_settings import lint_configuration
    from dockerlang.config.settings_text import settings_as_toml

    click.echo(settings_as_toml(lint_configuration(Path.cwd(), config_file)), nl=False)


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False), metavar="[FILE]")
@click.option("--to", "target", type=click.Choice(["dockerlang", "hadolint"]), default="dockerlang", show_default=True)
@click.option("--write", is_flag=True, help="Write the file instead of printing it, unless there is one already.")
def migrate(*, file: Path | None, target: str, write: bool) -> None:
    """Turn `.hadolint.yaml` into `dockerlang.toml`, or one of ours into hadolint's.

    FILE is what is converted.  [default: what is found here or above] The environment HADOLINT_* counts as well where
    none is named. What the other linter has no setting for is said on standard error.

    \b
    Examples:
      dockerlang config migrate
      dockerlang config migrate --write
      dockerlang config migrate --to hadolint dockerlang.toml > .hadolint.yaml
    """
    from dockerlang.config.migration import migrated, source_of
    from dockerlang.errors import ConflictError

    outcome = migrated(source_of(Path.cwd(), file, target), target)
    for remark in outcome.left_out:
        click.echo(f"dockerlang: {remark}", err=True)
    if not write:
        click.echo(outcome.text, nl=False)
        return
    path = Path(outcome.name)
    if path.exists():
        raise ConflictError(f"{path} is there already", hint="without --write the text goes to standard output")
    path.write_text(outcome.text, encoding="utf-8")
    click.echo(f"wrote {path}", err=True)


@command.command()
def schema() -> None:
    """Print the JSON Schema of `dockerlang.toml`, by which editors complete and check it.

    \b
    Examples:
      dockerlang config schema > dockerlang.schema.json
    """
    import json

    from dockerlang.config.schema import settings_schema

    sys.stdout.write(json.dumps(settings_schema(), indent=2) + "\n")
