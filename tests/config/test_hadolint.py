"""hadolint's configuration file as we read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.config.hadolint import find_configuration, parse_configuration, read_configuration
from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError


def test_all_keys_are_read() -> None:
    read = parse_configuration(
        "failure-threshold: warning\nformat: json\nignored: [DL3008, SC2086]\nno-fail: true\nstrict-labels: true\n"
        "disable-ignore-pragma: true\ntrustedRegistries: [docker.io]\nlabel-schema: {author: text}\n"
        "override:\n  error: [DL3015]\n  style: [DL3015, DL3059]\nno-color: true\nsomething-newer: [1]\n"
    )
    settings = read.settings
    assert (read.threshold, read.format, read.never_fails) == ("warning", "json", True)
    assert settings.ignore == {"DL3008", "SC2086"}
    assert settings.severities == {"DL3015": Severity.ERROR, "DL3059": Severity.STYLE}
    assert settings.trusted_registries == ("docker.io",)
    assert settings.label_schema == {"author": "text"}
    assert settings.strict_labels
    assert not settings.honours_pragmas


def test_an_empty_file_asks_for_nothing() -> None:
    assert parse_configuration("# nothing\n") == parse_configuration("")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignored: DL3008\n", "`ignored` should be a list of words"),
        ("ignored: [1]\n", "`ignored` should be a list of words"),
        ("no-fail: maybe\n", "`no-fail` should be true or false"),
        ("override: [DL3008]\n", "`override` should be a mapping"),
        ("format: [json]\n", "`format` should be a word"),
        ("- a\n", "should hold keys and values"),
        ("a: [\n", "is no YAML"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_configuration(text, "x.yaml")


def test_the_configuration_of_a_project_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3008]\n")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_configuration(inner) == tmp_path / ".hadolint.yaml"
    (tmp_path / "a" / ".git").mkdir()
    assert find_configuration(inner) is None


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_configuration(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"ignored: [\xe4]\n")
    with pytest.raises(InputError, match="it is not UTF-8"):
        read_configuration(tmp_path / "latin.yaml")
