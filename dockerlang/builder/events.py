"""What a build tells while it goes on; progress displays and logs are made of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerlang.builder.graph import Vertex

if TYPE_CHECKING:
    from dockerlang.builder.reasons import Reason


@dataclass(frozen=True, slots=True)
class StepStarted:
    """Work on a step begins."""

    vertex: Vertex


@dataclass(frozen=True, slots=True)
class StepMissed:
    """A step that has begun was not in the cache, and why."""

    vertex: Vertex
    reason: Reason


@dataclass(frozen=True, slots=True)
class StepWaiting:
    """Another build is doing the very same step: this one waits for it."""

    vertex: Vertex


@dataclass(frozen=True, slots=True)
class StepOutput:
    """The process of a step wrote something to a stream: 1 is standard output, 2 standard error."""

    vertex: Vertex
    data: bytes
    stream: int = 1


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step has its result: from the cache, or after `seconds`; `size` is the content of its layer in bytes."""

    vertex: Vertex
    is_cached: bool
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step could not be done; `is_cancelled` where something else was the cause of that."""

    vertex: Vertex
    seconds: float
    message: str
    is_cancelled: bool = False


Event = StepStarted | StepMissed | StepWaiting | StepOutput | StepFinished | StepFailed
Listener = Callable[[Event], None]
