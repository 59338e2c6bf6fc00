"""What a build tells while it goes on; progress displays and logs are made of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockerlang.builder.graph import Vertex


@dataclass(frozen=True, slots=True)
class StepStarted:
    """Work on a step begins."""

    vertex: Vertex


@dataclass(frozen=True, slots=True)
class StepOutput:
    """The process of a step wrote something."""

    vertex: Vertex
    data: bytes


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step has its result: from the cache, or after `seconds`; `size` is the content of its layer in bytes."""

    vertex: Vertex
    is_cached: bool
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step could not be done."""

    vertex: Vertex
    seconds: float
    message: str


Event = StepStarted | StepOutput | StepFinished | StepFailed
Listener = Callable[[Event], None]
