"""What is told about a transfer while it goes on: one event whenever a layer gets into another state."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from dockerlang.records import record


class LayerState(Enum):
    """Where a layer is; the values are docker's words."""

    WAITING = "Waiting"
    PULLING = "Pulling fs layer"
    DOWNLOADING = "Downloading"
    VERIFYING = "Verifying Checksum"
    PULLED = "Pull complete"
    EXISTS = "Already exists"
    PREPARING = "Preparing"
    COMPRESSING = "Compressing"
    PUSHING = "Pushing"
    PUSHED = "Pushed"
    EXISTS_THERE = "Layer already exists"
    MOUNTED = "Mounted from"
    SKIPPED = "Skipped foreign layer"


@record
class LayerEvent:
    """A layer, by the short form of its digest, and its state; `done` of `total` bytes while something moves.

    `detail` says where a mounted layer came from.
    """

    layer: str
    state: LayerState
    done: int = 0
    total: int = 0
    detail: str = ""

    @property
    def text(self) -> str:
        """The state in words."""
        return f"{self.state.value} {self.detail}" if self.detail else self.state.value

    @property
    def is_moving(self) -> bool:
        """Whether the event only says how far a state has come: nothing for a plain log."""
        return self.state in (LayerState.DOWNLOADING, LayerState.PUSHING, LayerState.COMPRESSING)


Listener = Callable[[LayerEvent], None]
