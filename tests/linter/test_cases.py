"""The linter's cases in Markdown."""

from __future__ import annotations

from pathlib import Path

from dockerlang.diagnostics import Diagnostic, Safety
from dockerlang.linter import Catalog, Family, Settings, fix_text, lint
from dockerlang.syntax import nodes, parse
from tests.markdown_cases import Case, parametrize

pages = Path(__file__).parent.glob("*.md")


def _settings(options: dict[str, str]) -> Settings:
    """`select=` and `ignore=` of a block; families stand for their codes."""
    catalog = Catalog.load()
    families = {family.value: catalog.codes_of(family) for family in Family}

    def codes(name: str) -> frozenset[str]:
        words = options.get(name, "").split(",")
        return frozenset().union(*(families.get(word, frozenset({word})) for word in words if word))

    return Settings(select=codes("select") if "select" in options else None, ignore=codes("ignore"))


def findings(text: str, **options: str) -> str:
    """One line a finding: place, code, the text that is underlined, and the severity where it is asked for."""
    document = parse(text)
    return "".join(_line(document, found, options) for found in lint(document, _settings(options)))


def _line(document: nodes.Document, found: Diagnostic, options: dict[str, str]) -> str:
    position = document.source.lines.position(found.span.start)
    severity = f" {found.severity.word}" if "severity" in options else ""
    message = f" {found.message}" if "message" in options else ""
    underlined = document.source.slice(found.span).replace("\n", "⏎")
    return f"{position.line + 1}:{position.column + 1} {found.code}{severity} `{underlined}`{message}\n"


def fixed(text: str, **options: str) -> str:
    """The text after all fixes, or after the safe ones."""
    settings = _settings(options)
    allow = frozenset({Safety.SAFE}) if options.get("fixes") == "safe" else frozenset(Safety)
    return fix_text(text, lambda document: lint(document, settings), allow=allow).text


@parametrize(pages)
def test_case(case: Case, pytestconfig: object) -> None:
    case.check({"findings": findings, "fixed": fixed}, pytestconfig)  # type: ignore[arg-type]
