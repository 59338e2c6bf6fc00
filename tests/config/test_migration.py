"""From hadolint's settings to ours and back, and the schema that editors check them by."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dockerlang.config.format_settings import KEYS as FORMAT_KEYS
from dockerlang.config.hadolint import parse_configuration
from dockerlang.config.lint_settings import KEYS, lint_configuration
from dockerlang.config.migration import migrated
from dockerlang.config.schema import settings_schema
from dockerlang.errors import InputError

HADOLINT = """\
failure-threshold: warning
no-fail: true
no-color: true
format: sarif
ignored: [DL3008, SC2086]
override: {error: [DL3006], style: [DL3015]}
trustedRegistries: [docker.io, "*.example.com"]
label-schema: {version: semver, "org.example.by": text}
strict-labels: true
disable-ignore-pragma: true
"""
PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "dockerlang.schema.json"


def test_there_and_back_again(tmp_path: Path) -> None:
    configuration = parse_configuration(HADOLINT)
    ours = migrated(configuration, "dockerlang")
    (tmp_path / ours.name).write_text(ours.text)
    read = lint_configuration(tmp_path, tmp_path / ours.name, {})
    assert read == configuration
    theirs = migrated(read, "hadolint")
    assert theirs.left_out == ()
    assert parse_configuration(theirs.text) == configuration
    assert validate(tomllib.loads(ours.text), settings_schema()) == []


def test_what_hadolint_cannot_say_is_named(tmp_path: Path) -> None:
    (tmp_path / "dockerlang.toml").write_text('[lint]\nselect = ["DL3006"]\nshellcheck = false\n')
    outcome = migrated(lint_configuration(tmp_path, tmp_path / "dockerlang.toml", {}), "hadolint")
    assert [remark.split("`")[1] for remark in outcome.left_out] == ["select", "shellcheck"]


def test_files_extend_others(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("ignored: [DL3008]\nfailure-threshold: error\n")
    (tmp_path / "middle.toml").write_text('[lint]\nextends = "base.yaml"\nignore = ["DL3006"]\n')
    (tmp_path / "dockerlang.toml").write_text('[lint]\nextends = ["middle.toml"]\nignore = ["DL3004"]\n')
    read = lint_configuration(tmp_path, None, {})
    assert read.settings.ignore == {"DL3008", "DL3006", "DL3004"}
    assert read.threshold == "error"
    (tmp_path / "middle.toml").write_text('[lint]\nextends = "dockerlang.toml"\n')
    with pytest.raises(InputError, match="leads back"):
        lint_configuration(tmp_path, None, {})


def test_the_published_schema_is_current_and_knows_every_key() -> None:
    schema = settings_schema()
    assert json.loads(PUBLISHED.read_text()) == schema
    assert set(schema["properties"]["lint"]["properties"]) == set(KEYS)
    assert set(schema["properties"]["format"]["properties"]) == set(FORMAT_KEYS)


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ('[lint]\nselect = ["DL"]\nfailure-threshold = "info"\n[lint.severity]\nDL3006 = "error"\n', True),
        ("[format]\nindent = 2\n", True),
        ('[lint]\nselekt = ["DL"]\n', False),
        ('[lint]\nselect = "DL"\n', False),
        ('[lint.severity]\nDL3006 = "fatal"\n', False),
        ("[format]\nindent = 99\n", False),
        ('[lint.label-schema]\na = "number"\n', False),
    ],
)
def test_the_schema_takes_what_we_read(tmp_path: Path, text: str, is_valid: bool) -> None:
    assert (validate(tomllib.loads(text), settings_schema()) == []) is is_valid


def validate(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """The places that break a schema of the few words that ours uses."""
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    if "anyOf" in schema:
        return [] if any(not validate(value, each, where) for each in schema["anyOf"]) else [where]
    if "enum" in schema:
        return [] if value in schema["enum"] else [where]
    if not isinstance(value, kinds[schema["type"]]):
        return [where]
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", False)
        found = []
        for key, item in value.items():
            rule = known.get(key, others)
            found += validate(item, rule, f"{where}/{key}") if rule else [f"{where}/{key}"]
        return found
    if isinstance(value, list):
        return [place for item in value for place in validate(item, schema["items"], where)]
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return [where]
    return []
