"""What a build tells while it goes on; progress displays and logs are made of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dockerlang.builder.graph import Vertex
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.reasons import Reason


@record
class StepsPlanned:
    """It is known how many steps there are from here on, those that the cache will have among them."""

    count: int


@record
class StepStarted:
    """Work on a step begins."""

    vertex: Vertex


@record
class StepMissed:
    """A step that has begun was not in the cache, and why."""

    vertex: Vertex
    reason: Reason


@record
class StepWaiting:
    """Another build is doing the very same step: this one waits for it."""

    vertex: Vertex


@record
class StepProgress:
    """So many bytes of what a step brings here have come; `total` is 0 where nobody knows it."""

    vertex: Vertex
    done: int
    total: int


@record
class StepOutput:
    """The process of a step wrote something to a stream: 1 is standard output, 2 standard error."""

    vertex: Vertex
    data: bytes
    stream: int = 1


@record
class StepFinished:
    """A step has its result: from the cache, or after `seconds`; `size` is the content of its layer in bytes."""

    vertex: Vertex
    is_cached: bool
    seconds: float
    size: int


@record
class StepFailed:
    """A step could not be done; `is_cancelled` where something else was the cause of that."""

    vertex: Vertex
    seconds: float
    message: str
    is_cancelled: bool = False


StepEvent = StepStarted | StepMissed | StepWaiting | StepProgress | StepOutput | StepFinished | StepFailed
"""What is about one step."""
Event = StepsPlanned | StepEvent
Listener = Callable[[Event], None]
