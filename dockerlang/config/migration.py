"""From hadolint's settings to ours and back."""

from __future__ import annotations

import os
from pathlib import Path

from dockerlang.config.hadolint import LintConfiguration, find_configuration, read_configuration
from dockerlang.config.lint_settings import lint_configuration, with_environment
from dockerlang.config.settings_text import changed_settings_as_toml
from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError
from dockerlang.records import record


@record
class Migration:
    """A configuration in another program's words: its file's name and text, and what could not be said in it."""

    name: str
    text: str
    left_out: tuple[str, ...] = ()


def source_of(folder: Path, named: Path | None, target: str) -> LintConfiguration:
    """What is to be converted: the named file, else the one that is found with the environment on top.

    Raises `InputError` where there is none, or it is wrong.
    """
    if named is not None:
        return lint_configuration(folder, named, {})
    if target == "hadolint":
        return lint_configuration(folder)
    found = find_configuration(folder)
    has_environment = any(name.startswith("HADOLINT_") for name in os.environ)
    if found is None and not has_environment:
        raise InputError("there is no .hadolint.yaml here or above", hint="name the file: `config migrate FILE`")
    return with_environment(read_configuration(found) if found is not None else LintConfiguration(), os.environ)


def migrated(configuration: LintConfiguration, target: str) -> Migration:
    """The configuration as `dockerlang.toml`, or for the target `hadolint` as `.hadolint.yaml`."""
    if target == "dockerlang":
        return Migration("dockerlang.toml", changed_settings_as_toml(configuration))
    return Migration(".hadolint.yaml", _as_yaml(configuration), tuple(_left_out(configuration)))


def _as_yaml(configuration: LintConfiguration) -> str:
    # Reading and writing YAML costs more than the rest of the command.
    import yaml

    settings = configuration.settings
    override = {
        severity.word: sorted(code for code, chosen in settings.severities.items() if chosen is severity)
        for severity in reversed(Severity)
    }
    values = {
        "failure-threshold": configuration.threshold,
        "no-fail": configuration.never_fails,
        "no-color": not configuration.does_colour,
        "format": configuration.format if configuration.format in _THEIR_FORMATS else None,
        "ignored": sorted(settings.ignore),
        "override": {word: codes for word, codes in override.items() if codes},
        "trustedRegistries": list(settings.trusted_registries),
        "label-schema": {name: str(wanted) for name, wanted in settings.label_schema.items()},
        "strict-labels": settings.strict_labels,
        "disable-ignore-pragma": not settings.honours_pragmas,
    }
    text: str = yaml.safe_dump({key: value for key, value in values.items() if value}, sort_keys=False)
    return text if text != "{}\n" else ""


_THEIR_FORMATS = frozenset(
    {"tty", "json", "checkstyle", "codeclimate", "gitlab_codeclimate", "gnu", "codacy", "sonarqube", "sarif", "junit"}
)


def _left_out(configuration: LintConfiguration) -> list[str]:
    """What hadolint has no setting for."""
    settings = configuration.settings
    given = {
        "select": settings.select is not None,
        "extend-select": bool(settings.extend_select),
        "per-file-ignores": bool(configuration.per_file_ignores),
        "shellcheck": not configuration.does_check_shell,
        "output-format": configuration.format is not None and configuration.format not in _THEIR_FORMATS,
    }
    return [f"hadolint has no setting for `{name}`, which is left out" for name, is_given in given.items() if is_given]
