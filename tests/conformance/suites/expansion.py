"""Variable expansion, word splitting, and the patterns of `${name#pattern}`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dockerlang.semantics.expand import ExpansionError, expand, expand_words
from dockerlang.semantics.patterns import InvalidPattern, pattern_to_regex, reverse_pattern
from dockerlang.syntax import nodes
from dockerlang.syntax.words import pieces_of
from dockerlang.text import Span
from tests.conformance.outcome import Outcome

Case = Mapping[str, Any]

_DESCRIPTION = frozenset({"suite", "line", "op", "platform", "env", "input", "greedy", "anchored"})


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case: what it expands to, or that it is an error and what the message says."""
    for number, case in enumerate(json.loads(cases_file.read_text("utf-8"))["cases"]):
        name = f"{case['suite']}[{case.get('line', number)}] {case['input']}"
        expected = {key: value for key, value in case.items() if key not in _DESCRIPTION}
        actual = _actual(case)
        if "error_contains" in expected:
            expected["error_contains"] = True
            actual["error_contains"] = case["error_contains"] in str(actual.pop("message", ""))
        actual.pop("message", None)
        # Only some tables record which names were found.
        actual = {key: value for key, value in actual.items() if key not in ("matched", "unmatched") or key in case}
        yield Outcome(name, expected, actual)


def _actual(case: Case) -> dict[str, Any]:
    try:
        match case["op"]:
            case "word":
                expansion = expand(_word(case["input"]), _environment(case))
                names = {"matched": sorted(expansion.used), "unmatched": sorted(expansion.unset)}
                return {"expect": expansion.text, **names}
            case "words":
                return {"expect": list(expand_words(_word(case["input"]), _environment(case)))}
            case "pattern_to_regex":
                regex = pattern_to_regex(case["input"], greedy=case["greedy"], anchored=case["anchored"])
                return {"expect": regex}
            case "reverse_pattern":
                return {"expect": reverse_pattern(case["input"])}
            case operation:
                return {"operation": f"{operation} is unknown to this suite"}
    except (ExpansionError, InvalidPattern) as error:
        return {"error": True, "message": str(error)}


def _word(text: str) -> nodes.Word:
    return nodes.Word(Span(0, len(text)), text, pieces_of(text, Span, "\\"))


def _environment(case: Case) -> Mapping[str, str]:
    environment: Mapping[str, str] = case["env"]
    return _CaseFolded(environment) if case.get("platform") == "windows" else environment


class _CaseFolded(dict[str, str]):
    """The environment of a Windows engine, where case does not tell names apart."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__({name.upper(): value for name, value in environment.items()})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.upper(), default)
