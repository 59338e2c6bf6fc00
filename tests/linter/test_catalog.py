"""The catalog: found by walking the folder, complete, and consistent in itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dockerlang.diagnostics import Severity
from dockerlang.linter import Catalog, Family, Settings, lint
from dockerlang.linter.catalog import RULES
from dockerlang.linter.rule import kebab
from dockerlang.linter.twins import without_twins
from dockerlang.semantics import stage_suspicions
from dockerlang.syntax import parse, suspicions


def test_every_file_of_the_folder_is_one_rule() -> None:
    files = [path for path in RULES.glob("*/*.py") if path.stem != "__init__"]
    assert len(files) == len(Catalog.load().rules) == len(Catalog.load().by_code)
    # Who knows a rule's name knows its file.
    assert {path.stem for path in files} == {rule.name.replace("-", "_") for rule in Catalog.load().rules}


def test_all_of_buildkits_checks_are_there() -> None:
    assert len(Catalog.load().codes_of(Family.BUILDKIT)) == 22


def test_all_of_hadolints_rules_are_there() -> None:
    numbers = [1001, 4000, 4001, 4003, 4004, 4005, 4006, *range(3000, 3068)]
    never_used = {3005, 3017, 3031, 3039}
    assert Catalog.load().codes_of(Family.HADOLINT) == {f"DL{number}" for number in numbers if number not in never_used}


def test_twins_know_each_other() -> None:
    by_code = Catalog.load().by_code
    for rule in by_code.values():
        if rule.twin:
            assert by_code[rule.twin].twin == rule.code
            assert {rule.family, by_code[rule.twin].family} == {Family.HADOLINT, Family.BUILDKIT}


def test_rules_are_found_by_code_and_name() -> None:
    catalog = Catalog.load()
    assert catalog.find("dl3020") is catalog.find("add-instead-of-copy")
    assert catalog.find("stagenamecasing") is not None
    assert catalog.find("DL9999") is None


@pytest.mark.parametrize(
    ("code", "url"),
    [
        ("DL3020", "https://github.com/hadolint/hadolint/wiki/DL3020"),
        ("JSONArgsRecommended", "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/"),
        ("SecretsUsedInArgOrEnv", "https://docs.docker.com/go/dockerfile/rule/secrets-used-in-arg-or-env/"),
        ("unused-stage", ""),
    ],
)
def test_pages_on_the_web(code: str, url: str) -> None:
    assert Catalog.load().by_code[code].url == url


def test_words_of_a_name() -> None:
    assert kebab("InvalidDefaultArgInFrom") == "invalid-default-arg-in-from"


def test_people_see_one_of_two_twins() -> None:
    found = lint(parse('FROM debian:12\nMAINTAINER ada\nCMD a\nENTRYPOINT b\nSHELL ["sh"]\nCMD c\n'))
    both = [each.code for each in found]
    assert {"DL4000", "MaintainerDeprecated", "DL3025", "JSONArgsRecommended"} <= set(both)
    shown = [each.code for each in without_twins(found)]
    assert "MaintainerDeprecated" not in shown
    assert "JSONArgsRecommended" not in shown
    assert shown.count("DL3025") == both.count("DL3025") == 3


def test_people_see_what_knows_more() -> None:
    found = lint(parse("FROM alpine:3.20\nENV A = b\nWORKDIR ~/app\nCMD ['a']\n"))
    assert [each.code for each in without_twins(found)] == ["blank-before-equals", "tilde-in-path", "almost-array"]
    assert {"LegacyKeyValueFormat", "DL3000", "DL3025", "JSONArgsRecommended"} <= {each.code for each in found}


def test_there_are_rules_of_our_own_and_many_mend_what_they_find() -> None:
    rules = Catalog.load().rules
    assert len(Catalog.load().codes_of(Family.OWN)) >= 40
    assert sum(rule.has_fix for rule in rules) >= 0.45 * len(rules)


def test_everything_that_check_doubts_is_a_rule() -> None:
    sources = [*(Path(suspicions.__file__).parent.rglob("*.py")), Path(stage_suspicions.__file__)]
    codes = {code for path in sources for code in re.findall(r"warning\(\s*\"([a-z-]+)\"", path.read_text())}
    assert len(codes) > 10
    # A port of the host is BuildKit's own check.
    assert codes - Catalog.load().by_code.keys() == {"host-port"}


def test_severities_can_be_set_and_turn_rules_on() -> None:
    document = parse('FROM debian\nCMD ["a"]\n')
    changed = Settings(severities={"DL3006": Severity.STYLE, "DL3057": Severity.ERROR})
    assert {each.code: each.severity for each in lint(document, changed)} == {
        "DL3006": Severity.STYLE,
        "DL3057": Severity.ERROR,
    }
