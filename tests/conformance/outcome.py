"""What one conformance case expected and what came of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One case of a suite; it passed when the two values are equal.

    `by_design_key` is the key under which `by_design.toml` may give a reason for a difference; the name if it is empty.
    """

    name: str
    expected: object
    actual: object
    by_design_key: str = ""

    @property
    def passed(self) -> bool:
        """Whether the case came out as recorded."""
        return self.expected == self.actual

    @property
    def key(self) -> str:
        """Where a reason for a difference is looked up."""
        return self.by_design_key or self.name
