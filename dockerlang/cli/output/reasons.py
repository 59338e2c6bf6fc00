"""Why steps were not taken from the cache, as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlang.cli.output.printable import printable
from dockerlang.store.builds import BuildStep


def reason_lines(steps: Iterable[BuildStep]) -> Iterator[str]:
    """For each step its number and name, and below it the reason."""
    for step in steps:
        yield printable(f"#{step.number} {step.name}")
        if step.outcome == "cached":
            yield "   came from the cache"
            continue
        yield printable(f"   {step.reason or 'was never begun'}")
        for detail in step.details:
            yield printable(f"     {detail}")


def summary(steps: Iterable[BuildStep]) -> str:
    """How many steps came from the cache."""
    outcomes = [step.outcome for step in steps]
    cached = outcomes.count("cached")
    if cached == len(outcomes):
        return f"all {cached} steps came from the cache" if cached != 1 else "the step came from the cache"
    return f"{cached} of {len(outcomes)} steps came from the cache"
