"""A comment that silences a finding does so, here or in the file, and changes nothing else."""

from __future__ import annotations

import pytest

from dockerlang.edits import apply_edits
from dockerlang.ide.actions import actions
from dockerlang.ide.suppression import suppressions
from dockerlang.linter import lint
from dockerlang.syntax import parse


@pytest.mark.parametrize("code", ["DL3020", "StageNameCasing", "JSONArgsRecommended"])
@pytest.mark.parametrize("head", ["", "# syntax=docker/dockerfile:1\n", "\ufeff"])
def test_each_way_to_silence_a_finding_silences_it(code: str, head: str) -> None:
    text = f"{head}FROM debian:12 AS Build\nADD app /app\nCMD a && b\n"
    document = parse(text)
    (finding,) = (found for found in lint(document) if found.code == code)
    ways = list(suppressions(document, finding))
    assert ways
    for way in ways:
        changed = apply_edits(text, [way.edit])
        assert changed.startswith(head)
        left = {found.code for found in lint(parse(changed))}
        assert code not in left
        assert left <= {found.code for found in lint(document)}


def test_mistakes_of_syntax_cannot_be_silenced() -> None:
    document = parse("FROM a\nFOO\n")
    (finding,) = (found for found in lint(document) if found.code == "unknown-instruction")
    assert not list(suppressions(document, finding))


def test_a_safe_fix_is_preferred_and_comes_first() -> None:
    document = parse("FROM scratch\nADD app /app\n")
    offered = actions(document, [found for found in lint(document) if found.code == "DL3020"])
    assert [action.is_preferred for action in offered] == [True, False, False]
