"""Every rule does what its page says: finds what is bad, mends it as shown, and leaves alone what is good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dockerlang.config.hadolint import parse_configuration
from dockerlang.diagnostics import Diagnostic, Safety
from dockerlang.linter import Catalog, Rule, Settings, Surroundings, fix_text, lint
from dockerlang.linter.suppress import Suppressions
from dockerlang.oci.platform import parse_platform
from dockerlang.semantics.ignore import read_ignore
from dockerlang.syntax import nodes, parse, problems
from tests.linter.rule_pages import Section, read_page

RULES = [pytest.param(rule, id=rule.code) for rule in Catalog.load().rules]


def surroundings_of(section: Section) -> Surroundings:
    ignore = section.around.get("dockerignore")
    platforms = dict(line.split() for line in section.around.get("platforms", "").splitlines())
    return Surroundings(
        ignore_file=read_ignore(ignore) if ignore is not None else None,
        platform_of=lambda image: parse_platform(platforms[image]) if image in platforms else None,
    )


def linter_of(rule: Rule, section: Section) -> Callable[[nodes.Document], tuple[Diagnostic, ...]]:
    settings = parse_configuration(section.around.get("yaml", "")).settings
    # A rule that is off by default is turned on as people do it: BuildKit's by the directive on the page.
    chosen = frozenset({rule.code}) if rule.is_default or rule.family.value != "buildkit" else None
    if Suppressions in rule.on:
        # It is about the findings of all others.
        chosen = None
    settings = replace(settings, select=chosen) if chosen is not None else Settings()
    surroundings = surroundings_of(section)

    def run(document: nodes.Document) -> tuple[Diagnostic, ...]:
        return tuple(found for found in lint(document, settings, surroundings) if found.code == rule.code)

    return run


@pytest.mark.parametrize("rule", RULES)
def test_page_has_the_sections_that_are_run(rule: Rule) -> None:
    sections = read_page(rule.page)
    assert rule.title.endswith(".")
    assert sections["Bad"].dockerfiles
    assert sections["Good"].dockerfiles


@pytest.mark.parametrize("rule", RULES)
def test_bad_is_found(rule: Rule) -> None:
    section = read_page(rule.page)["Bad"]
    for text in section.dockerfiles:
        found = linter_of(rule, section)(parse(text))
        assert found, text
        for diagnostic in found:
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
            assert diagnostic.message
            assert not diagnostic.message.endswith(".")


@pytest.mark.parametrize("rule", RULES)
def test_good_is_silent(rule: Rule) -> None:
    section = read_page(rule.page)["Good"]
    for text in section.dockerfiles:
        assert linter_of(rule, section)(parse(text)) == (), text


@pytest.mark.parametrize("rule", RULES)
def test_fixed_is_what_the_fix_makes_of_bad(rule: Rule) -> None:
    sections = read_page(rule.page)
    bad = sections["Bad"]
    run = linter_of(rule, bad)
    results = [fix_text(text, run, allow=frozenset(Safety)) for text in bad.dockerfiles]
    if "Fixed" not in sections:
        assert [result.text for result in results] == bad.dockerfiles
        return
    assert [result.text for result in results] == sections["Fixed"].dockerfiles
    for result in results:
        assert result.remaining == ()
        assert problems(parse(result.text)) == ()
