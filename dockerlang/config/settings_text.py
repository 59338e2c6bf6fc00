"""Settings as the text of a `dockerlang.toml` that says the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from dockerlang.config.hadolint import LintConfiguration
from dockerlang.linter.settings import Settings


def settings_as_toml(configuration: LintConfiguration) -> str:
    """All settings of the linter, those that are the default as well (where there is a way to write them)."""
    return _table(_lint(configuration, Settings(), LintConfiguration(), does_hide=False), configuration)


def changed_settings_as_toml(configuration: LintConfiguration) -> str:
    """The settings that are not the default: what one would write by hand."""
    return _table(_lint(configuration, Settings(), LintConfiguration(), does_hide=True), configuration)


def _lint(
    configuration: LintConfiguration, usual: Settings, default: LintConfiguration, *, does_hide: bool
) -> Iterator[str]:
    settings = configuration.settings
    if settings.select is not None:
        yield f"select = {_words(sorted(settings.select))}"
    values = (
        ("extend-select", _words(sorted(settings.extend_select)), settings.extend_select == usual.extend_select),
        ("ignore", _words(sorted(settings.ignore)), settings.ignore == usual.ignore),
        ("failure-threshold", _word(configuration.threshold or "style"), configuration.threshold is None),
        ("exit-zero", _switch(configuration.never_fails), configuration.never_fails == default.never_fails),
        ("output-format", _word(configuration.format or "full"), configuration.format is None),
        ("color", _switch(configuration.does_colour), configuration.does_colour),
        ("shellcheck", _switch(configuration.does_check_shell), configuration.does_check_shell),
        ("trusted-registries", _words(settings.trusted_registries), not settings.trusted_registries),
        ("strict-labels", _switch(settings.strict_labels), not settings.strict_labels),
        ("honour-pragmas", _switch(settings.honours_pragmas), settings.honours_pragmas),
    )
    for key, text, is_default in values:
        if not (does_hide and is_default):
            yield f"{key} = {text}"


def _table(lines: Iterable[str], configuration: LintConfiguration) -> str:
    settings = configuration.settings
    severities = {code: severity.word for code, severity in settings.severities.items()}
    parts = ["\n".join(["[lint]", *lines])]
    parts += _pairs("lint.severity", severities)
    parts += _pairs("lint.label-schema", {name: str(wanted) for name, wanted in settings.label_schema.items()})
    if configuration.per_file_ignores:
        ignores = [f"{_key(each.pattern)} = {_words(sorted(each.codes))}" for each in configuration.per_file_ignores]
        parts.append("\n".join(["[lint.per-file-ignores]", *ignores]))
    return "\n\n".join(parts) + "\n"


def _pairs(table: str, pairs: Mapping[str, str]) -> list[str]:
    lines = [f"{_key(key)} = {_word(value)}" for key, value in sorted(pairs.items())]
    return ["\n".join([f"[{table}]", *lines])] if lines else []


def _word(text: str) -> str:
    # JSON's strings are TOML's, as long as what is not ASCII stays as it is.
    return json.dumps(text, ensure_ascii=False)


def _words(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_word, words))}]"


def _switch(value: bool) -> str:
    return "true" if value else "false"


def _key(text: str) -> str:
    is_bare = bool(text) and all(
        character.isascii() and (character.isalnum() or character in "-_") for character in text
    )
    return text if is_bare else _word(text)
