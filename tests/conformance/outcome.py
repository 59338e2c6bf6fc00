"""What one conformance case expected and what came of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One case of a suite; it passed when the two values are equal."""

    name: str
    expected: object
    actual: object

    @property
    def passed(self) -> bool:
        """Whether the case came out as recorded."""
        return self.expected == self.actual
