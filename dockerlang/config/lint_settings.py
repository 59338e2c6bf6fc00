"""The settings of a lint run from everywhere: `.hadolint.yaml`, our own configuration, hadolint's environment.

What comes later in that order counts more; the command line counts most.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dockerlang.config.formats import FORMATS
from dockerlang.config.hadolint import THRESHOLDS, LintConfiguration, find_configuration, read_configuration
from dockerlang.config.path_patterns import PerFileIgnore
from dockerlang.config.project import Table, find_project, read_project
from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError
from dockerlang.records import replace

KEYS = (
    "extends",
    "select",
    "extend-select",
    "ignore",
    "severity",
    "per-file-ignores",
    "shellcheck",
    "failure-threshold",
    "exit-zero",
    "output-format",
    "color",
    "trusted-registries",
    "label-schema",
    "strict-labels",
    "honour-pragmas",
)
_SEVERITIES = {severity.word: severity for severity in Severity}
_ENVIRONMENT = "HADOLINT_"


def lint_configuration(
    folder: Path, named: Path | None = None, environment: Mapping[str, str] = os.environ
) -> LintConfiguration:
    """What holds for a run in `folder`; a file that is named stands in for those that would be found.

    Raises `InputError` where a file cannot be read or says what cannot be.
    """
    configuration = LintConfiguration()
    if named is not None and named.suffix != ".toml":
        configuration = read_configuration(named)
    elif named is not None:
        configuration = with_table(configuration, read_project(named).table("lint"), (named,))
    else:
        found = find_configuration(folder)
        configuration = read_configuration(found) if found is not None else configuration
        project = find_project(folder)
        if project is not None:
            configuration = with_table(configuration, project.table("lint"))
    return with_environment(configuration, environment)


def with_table(configuration: LintConfiguration, table: Table, readers: tuple[Path, ...] = ()) -> LintConfiguration:
    """The configuration with our own table `lint` on top, and between them what that extends.

    `readers` are the files that lead to this one, for which no file may ask again.
    """
    table.refuse_others(KEYS)
    if not table.values:
        return configuration
    configuration = _extended(configuration, table, (*readers, table.path))
    # The words stand for rules, which only are known once all of them are imported.
    from dockerlang.config.selection import ignored_codes, selected_codes

    settings = configuration.settings
    select, registries = table.words("select"), table.words("trusted-registries")
    severities = table.table("severity")
    graver = {
        code: _SEVERITIES[word]
        for key in severities.values
        if (word := severities.choice(key, _SEVERITIES)) is not None
        for code in selected_codes([key])
    }
    schema = table.table("label-schema")
    settings = replace(
        settings,
        select=settings.select if select is None else selected_codes(select),
        extend_select=settings.extend_select | selected_codes(table.words("extend-select") or ()),
        ignore=settings.ignore | ignored_codes(table.words("ignore") or ()),
        severities={**settings.severities, **graver},
        trusted_registries=settings.trusted_registries if registries is None else registries,
        label_schema={**settings.label_schema, **{key: schema.word(key) for key in schema.values}},
        strict_labels=table.switch("strict-labels", settings.strict_labels),
        honours_pragmas=table.switch("honour-pragmas", settings.honours_pragmas),
    )
    files = table.table("per-file-ignores")
    return replace(
        configuration,
        settings=settings,
        threshold=table.choice("failure-threshold", THRESHOLDS) or configuration.threshold,
        never_fails=table.switch("exit-zero", configuration.never_fails),
        format=table.choice("output-format", FORMATS) or configuration.format,
        does_colour=table.switch("color", configuration.does_colour),
        does_check_shell=table.switch("shellcheck", configuration.does_check_shell),
        per_file_ignores=(
            *configuration.per_file_ignores,
            *(PerFileIgnore(pattern, ignored_codes(files.words(pattern) or ())) for pattern in files.values),
        ),
    )


def _extended(configuration: LintConfiguration, table: Table, readers: tuple[Path, ...]) -> LintConfiguration:
    """The configuration with the files that the table's `extends` names on top, one after another."""
    value = table.values.get("extends", [])
    for name in [value] if isinstance(value, str) else table.words("extends") or ():
        path = table.path.parent / name
        if any(path.resolve() == reader.resolve() for reader in readers):
            raise InputError(f"{table.where}: `extends` leads back to {path}")
        if path.suffix == ".toml":
            configuration = with_table(configuration, read_project(path).table("lint"), readers)
        else:
            configuration = under(configuration, read_configuration(path))
        configuration = replace(configuration, extends=(*configuration.extends, path))
    return configuration


def under(below: LintConfiguration, above: LintConfiguration) -> LintConfiguration:
    """hadolint's configuration on top of another; what it does not say stays."""
    old, new = below.settings, above.settings
    settings = replace(
        old,
        ignore=old.ignore | new.ignore,
        severities={**old.severities, **new.severities},
        trusted_registries=new.trusted_registries or old.trusted_registries,
        label_schema={**old.label_schema, **new.label_schema},
        strict_labels=old.strict_labels or new.strict_labels,
        honours_pragmas=old.honours_pragmas and new.honours_pragmas,
    )
    return replace(
        below,
        settings=settings,
        threshold=above.threshold or below.threshold,
        never_fails=above.never_fails or below.never_fails,
        format=above.format or below.format,
        does_colour=above.does_colour and below.does_colour,
    )


def with_environment(configuration: LintConfiguration, environment: Mapping[str, str]) -> LintConfiguration:
    """The configuration with hadolint's environment variables on top; lists are added to those of the files."""
    if not any(name.startswith(_ENVIRONMENT) for name in environment):
        return configuration

    def words(name: str) -> tuple[str, ...]:
        return tuple(filter(None, (word.strip() for word in environment.get(_ENVIRONMENT + name, "").split(","))))

    def switch(name: str, default: bool) -> bool:
        word = environment.get(_ENVIRONMENT + name, "").lower()
        return True if word in _YES else False if word in _NO else default

    settings = configuration.settings
    severities = dict(settings.severities)
    for severity in Severity:
        severities.update(dict.fromkeys(words(f"OVERRIDE_{severity.name}"), severity))
    labels = dict(pair.split(":", 1) for pair in words("REQUIRE_LABELS") if ":" in pair)
    threshold = environment.get(f"{_ENVIRONMENT}FAILURE_THRESHOLD", "").lower()
    return replace(
        configuration,
        settings=replace(
            settings,
            ignore=settings.ignore | frozenset(words("IGNORE")),
            severities=severities,
            trusted_registries=(*settings.trusted_registries, *words("TRUSTED_REGISTRIES")),
            label_schema={**settings.label_schema, **labels},
            strict_labels=switch("STRICT_LABELS", settings.strict_labels),
            honours_pragmas=not switch("DISABLE_IGNORE_PRAGMA", not settings.honours_pragmas),
        ),
        threshold=threshold if threshold in THRESHOLDS else configuration.threshold,
        never_fails=switch("NOFAIL", configuration.never_fails),
        is_verbose=switch("VERBOSE", configuration.is_verbose),
        format=environment.get(f"{_ENVIRONMENT}FORMAT") or configuration.format,
    )


_YES = ("1", "y", "yes", "true", "on")
_NO = ("0", "n", "no", "false", "off")
