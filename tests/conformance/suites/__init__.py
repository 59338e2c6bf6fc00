"""One module a suite of recorded cases: `run(cases_file)` yields an `Outcome` for each."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.conformance.outcome import Outcome

SUITES: dict[str, tuple[str, ...]] = {
    "ast": ("ast_own.json", "ast_upstream.json"),
    "parse": ("parse_upstream.json",),
    "expansion": ("expansion_upstream.json",),
    "ignore": ("ignore_upstream.json",),
    "references": ("references_upstream.json",),
    "builds": ("builds.json",),
    "cache": ("cache_matrix.json",),
    "layers": ("layers.json",),
}
"""The suites, each with the names of its files of cases."""


def suite(name: str) -> Callable[[Path], Iterator[Outcome]]:
    """The function that runs a suite's cases."""
    module = importlib.import_module(f"tests.conformance.suites.{name}")
    run: Callable[[Path], Iterator[Outcome]] = module.run
    return run
