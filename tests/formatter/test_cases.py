"""The formatter's cases in Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.formatter import KeywordCase, Options, format_document
from dockerlang.syntax import parse
from tests.markdown_cases import Case, parametrize


def formatted(text: str, **options: str) -> str:
    """The input in the style that the block's options ask for."""
    return format_document(parse(text), _options(options))


def _options(words: dict[str, str]) -> Options:
    return Options(
        keyword_case=KeywordCase(words.pop("case", "upper")),
        indent=int(words.pop("indent", "4")),
        does_use_tabs=words.pop("tabs", "no") == "yes",
        does_keep_shell=words.pop("keep-shell", "no") == "yes",
    )


@parametrize(Path(__file__).parent.glob("*.md"))
def test_case(case: Case, pytestconfig: pytest.Config) -> None:
    case.check({"formatted": formatted}, pytestconfig)


@parametrize(Path(__file__).parent.glob("*.md"))
def test_second_run_changes_nothing(case: Case) -> None:
    source, *expectations = case.blocks
    for block in expectations:
        once = formatted(source.text, **block.options)
        assert formatted(once, **block.options) == once
