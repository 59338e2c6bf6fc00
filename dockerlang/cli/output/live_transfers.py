"""The live display of a transfer: every layer keeps its line, with a bar while bytes move."""

from __future__ import annotations

import threading
from typing import Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from dockerlang.cli.output.units import human_size
from dockerlang.images.progress import LayerEvent

_WIDTH = 30


class LiveTransfer:
    """Repaints the layers' lines in place; what was finished stays on the screen."""

    def __init__(self, stream: TextIO) -> None:
        self._events: dict[str, LayerEvent] = {}
        self._lock = threading.Lock()
        self._live = Live(
            get_renderable=self._render,
            console=Console(file=stream),
            refresh_per_second=10,
            vertical_overflow="ellipsis",
            redirect_stdout=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.vertical_overflow = "visible"
        self._live.stop()

    def listen(self, event: LayerEvent) -> None:
        """Take one event."""
        with self._lock:
            self._events[event.layer] = event

    def _render(self) -> RenderableType:
        with self._lock:
            events = list(self._events.values())
        return Group(*(_line(event) for event in events))


def _line(event: LayerEvent) -> Text:
    line = Text.assemble((event.layer, "bold"), f": {event.text}", no_wrap=True, overflow="ellipsis")
    if event.is_moving and event.total:
        filled = _WIDTH * event.done // event.total
        bar = "█" * filled + "─" * (_WIDTH - filled)
        line.append(f"  {bar}  {human_size(event.done)}/{human_size(event.total)}", "cyan")
    elif event.is_moving:
        line.append(f"  {human_size(event.done)}", "cyan")
    return line
