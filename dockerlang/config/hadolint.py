"""Reads hadolint's configuration: `.hadolint.yaml` as people have it in their projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from dockerlang.config.path_patterns import PerFileIgnore
from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError
from dockerlang.linter.settings import Settings
from dockerlang.records import record

NAMES = (".hadolint.yaml", ".hadolint.yml")
THRESHOLDS = ("error", "warning", "info", "style", "ignore", "none")


@record
class LintConfiguration:
    """What a configuration file says: settings of the rules, and how a run ends.

    `threshold` is the least severity that makes a run fail, None for the default; with `never_fails` nothing does.
    `per_file_ignores`, `does_check_shell` and `extends` (the files that it was read from, besides the one that was
    found) are only in our own files, `is_verbose` only in hadolint's environment.
    """

    settings: Settings = field(default_factory=Settings)
    threshold: str | None = None
    never_fails: bool = False
    format: str | None = None
    does_colour: bool = True
    does_check_shell: bool = True
    per_file_ignores: tuple[PerFileIgnore, ...] = ()
    extends: tuple[Path, ...] = ()
    is_verbose: bool = False


def find_configuration(folder: Path) -> Path | None:
    """The configuration of the project that `folder` belongs to: there or above it, up to the root of a repository."""
    for place in (folder, *folder.parents):
        for name in NAMES:
            if (place / name).is_file():
                return place / name
        if (place / ".git").exists():
            break
    return None


def read_configuration(path: Path) -> LintConfiguration:
    """The configuration in a file. Raises `InputError` where it cannot be read or is not what it should be."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"cannot read {path}: {reason}") from error
    return parse_configuration(text, str(path))


def parse_configuration(text: str, name: str = ".hadolint.yaml") -> LintConfiguration:
    """The configuration in a text; keys that nobody knows are let pass. Raises `InputError`."""
    # Reading YAML costs more than most of what a run without a configuration does.
    import yaml

    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{name} is no YAML: {str(error).splitlines()[0]}") from error
    if values is None:
        return LintConfiguration()
    if not isinstance(values, dict):
        raise InputError(f"{name} should hold keys and values", hint="for example `ignored: [DL3008]`")
    return _Reader(values, name).read()


class _Reader:
    """One configuration while it is read; knows its name for messages."""

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        self.values = values
        self.name = name

    def read(self) -> LintConfiguration:
        threshold = self._word("failure-threshold")
        if threshold is not None and threshold.lower() not in THRESHOLDS:
            raise self._wrong("failure-threshold", f"one of {', '.join(THRESHOLDS)}")
        return LintConfiguration(
            settings=Settings(
                ignore=frozenset(self._words(self.values, "ignored")),
                severities=self._severities(),
                trusted_registries=tuple(self._words(self.values, "trustedRegistries")),
                label_schema=self._mapping("label-schema"),
                strict_labels=self._switch("strict-labels"),
                honours_pragmas=not self._switch("disable-ignore-pragma"),
            ),
            threshold=threshold,
            never_fails=self._switch("no-fail"),
            format=self._word("format"),
            does_colour=not self._switch("no-color"),
        )

    def _severities(self) -> dict[str, Severity]:
        found: dict[str, Severity] = {}
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.STYLE):
            for code in self._words(self._mapping("override"), severity.word):
                found.setdefault(code, severity)
        return found

    def _words(self, values: Mapping[str, Any], key: str) -> list[str]:
        value = values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, "a list of words")
        return value

    def _mapping(self, key: str) -> dict[str, Any]:
        value = self.values.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(key, "a mapping")
        return {str(name): item for name, item in value.items()}

    def _word(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, "a word")
        return value

    def _switch(self, key: str) -> bool:
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return bool(value)

    def _wrong(self, key: str, wanted: str) -> InputError:
        return InputError(f"{self.name}: `{key}` should be {wanted}")
