"""Settings from our own files, hadolint's file and hadolint's environment, and what comes before what."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.config.format_settings import format_options
from dockerlang.config.lint_settings import lint_configuration
from dockerlang.config.path_patterns import matches_path
from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError
from dockerlang.formatter.options import KeywordCase, Options


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_our_file_says_all_that_the_command_line_can(project: Path) -> None:
    (project / "dockerlang.toml").write_text(
        '[lint]\nselect = ["hadolint", "SC2086"]\nignore = ["untagged-image"]\nfailure-threshold = "warning"\n'
        'shellcheck = false\ntrusted-registries = ["ghcr.io"]\nstrict-labels = true\nhonour-pragmas = false\n'
        '[lint.severity]\nadd-instead-of-copy = "info"\n[lint.label-schema]\nversion = "semver"\n'
        '[lint.per-file-ignores]\n"ci/*" = ["DL3007"]\n'
    )
    found = lint_configuration(project, environment={})
    assert found.settings.is_on("DL3007")
    assert found.settings.is_on("SC2086")
    assert not found.settings.is_on("SC2154")
    assert not found.settings.is_on("DL3006")
    assert found.settings.severities == {"DL3020": Severity.INFO}
    assert found.settings.trusted_registries == ("ghcr.io",)
    assert found.settings.label_schema == {"version": "semver"}
    assert found.settings.strict_labels
    assert not found.settings.honours_pragmas
    assert (found.threshold, found.does_check_shell) == ("warning", False)
    assert [(each.pattern, each.codes) for each in found.per_file_ignores] == [("ci/*", frozenset({"DL3007"}))]


def test_the_table_in_pyproject_and_above(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.dockerlang.lint]\nignore = ["DL3006"]\n')
    (project / "a" / "b").mkdir(parents=True)
    (project / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert lint_configuration(project / "a" / "b", environment={}).settings.ignore == {"DL3006"}
    (project / "a" / "dockerlang.toml").write_text('[lint]\nignore = ["DL3007"]\n')
    assert lint_configuration(project / "a" / "b", environment={}).settings.ignore == {"DL3007"}
    assert lint_configuration(project / "a", project / "pyproject.toml", {}).settings.ignore == {"DL3006"}


def test_what_counts_more(project: Path) -> None:
    (project / ".hadolint.yaml").write_text(
        "ignored: [DL3006]\nfailure-threshold: error\noverride: {info: [DL3020, DL3004]}\nno-color: true\n"
    )
    (project / "dockerlang.toml").write_text(
        '[lint]\nignore = ["DL3007"]\nfailure-threshold = "info"\nseverity = {DL3004 = "style"}\n'
    )
    found = lint_configuration(project, environment={})
    assert found.settings.ignore == {"DL3006", "DL3007"}
    assert found.settings.severities == {"DL3020": Severity.INFO, "DL3004": Severity.STYLE}
    assert found.threshold == "info"
    assert not found.does_colour
    environment = {
        "HADOLINT_IGNORE": "DL3008, SC2086",
        "HADOLINT_OVERRIDE_ERROR": "DL3004",
        "HADOLINT_FAILURE_THRESHOLD": "STYLE",
        "HADOLINT_NOFAIL": "1",
        "HADOLINT_FORMAT": "gnu",
        "HADOLINT_TRUSTED_REGISTRIES": "ghcr.io,quay.io",
        "HADOLINT_REQUIRE_LABELS": "a:text,b:url",
        "HADOLINT_STRICT_LABELS": "true",
        "HADOLINT_DISABLE_IGNORE_PRAGMA": "Y",
    }
    found = lint_configuration(project, environment=environment)
    assert found.settings.ignore == {"DL3006", "DL3007", "DL3008", "SC2086"}
    assert found.settings.severities == {"DL3020": Severity.INFO, "DL3004": Severity.ERROR}
    assert (found.threshold, found.never_fails, found.format) == ("style", True, "gnu")
    assert found.settings.trusted_registries == ("ghcr.io", "quay.io")
    assert found.settings.label_schema == {"a": "text", "b": "url"}
    assert found.settings.strict_labels
    assert not found.settings.honours_pragmas


@pytest.mark.parametrize("value", ["0", "false", "nonsense", ""])
def test_a_switch_of_the_environment_that_is_off(project: Path, value: str) -> None:
    assert not lint_configuration(project, environment={"HADOLINT_NOFAIL": value}).never_fails


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lint]\nignored = []\n", "there is no setting `ignored`"),
        ("[lnt]\n", "there is no setting `lnt`"),
        ("[lint]\nignore = 'DL3006'\n", "`ignore` should be a list of strings"),
        ("[lint]\nfailure-threshold = 'loud'\n", "`failure-threshold` should be one of error, warning"),
        ("[lint]\nseverity = {DL3006 = 'grave'}\n", "`DL3006` should be one of style, info, warning, error"),
        ("lint = 1\n", "`lint` should be a table"),
        ("[lint\n", "is no TOML"),
    ],
)
def test_a_mistake_is_named(project: Path, text: str, message: str) -> None:
    (project / "dockerlang.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        lint_configuration(project, environment={})


def test_the_formatter_reads_the_same_file(project: Path) -> None:
    assert format_options(project) == Options()
    (project / "dockerlang.toml").write_text(
        '[format]\nkeyword-case = "lower"\nindent = 2\ntabs = true\nkeep-shell = true\n'
    )
    assert format_options(project) == Options(KeywordCase.LOWER, 2, does_use_tabs=True, does_keep_shell=True)
    (project / "dockerlang.toml").write_text("[format]\nindent = 99\n")
    with pytest.raises(InputError, match="`indent` should be a number from 1 to 16"):
        format_options(project)


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("ci/Dockerfile", "Dockerfile", True),
        ("ci/Dockerfile", "ci/*", True),
        ("/a/ci/Dockerfile", "ci/*", True),
        ("ci/x/Dockerfile", "ci/*", False),
        ("ci/x/Dockerfile", "ci/**", True),
        ("ci/Dockerfile", "ci/**/Dockerfile", True),
        ("./ci/a.dockerfile", "./ci/?.dockerfile", True),
        ("mydockerfile", "dockerfile", False),
        ("Dockerfile.a", "Dockerfile", False),
    ],
)
def test_patterns_of_paths(path: str, pattern: str, expected: bool) -> None:
    assert matches_path(path, pattern) is expected
