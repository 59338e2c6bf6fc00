"""The live display of a build: a line for each step with its time and size, and the last output of what runs."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from dockerlang.builder import events
from dockerlang.cli.output.units import human_size

if TYPE_CHECKING:
    from dockerlang.builder.build import BuildResult

_TAIL = 6


@dataclass
class _Row:
    name: str
    started: float
    state: str = "running"
    seconds: float = 0.0
    size: int = 0
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    rest: str = ""


class LiveDisplay:
    """Repaints the steps in place; what was finished stays on the screen."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self._rows: dict[str, _Row] = {}
        self._spinner = Spinner("dots", style="cyan")
        self._started = time.monotonic()
        self._live = Live(
            get_renderable=self._render, console=self.console, refresh_per_second=10, vertical_overflow="ellipsis"
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for row in self._rows.values():
            if row.state == "running":
                row.state = "stopped"
                row.seconds = time.monotonic() - row.started
        self._live.vertical_overflow = "visible"
        self._live.stop()

    def listen(self, event: events.Event) -> None:
        """Take one event."""
        digest = event.vertex.digest
        match event:
            case events.StepStarted():
                self._rows[digest] = _Row(event.vertex.name, time.monotonic())
            case events.StepOutput():
                self._rows[digest].rest = self._add_output(self._rows[digest], event.data)
            case events.StepFinished():
                row = self._rows[digest]
                row.state = "cached" if event.is_cached else "done"
                row.seconds, row.size = event.seconds, event.size
            case events.StepFailed():
                row = self._rows[digest]
                row.state, row.seconds = "failed", event.seconds

    def finish(self, result: BuildResult, tags: tuple[str, ...]) -> None:
        """Say what was built."""
        seconds = time.monotonic() - self._started
        short = result.image.id.hex[:12]
        text = Text.assemble(("built ", "bold green"), (short, "bold"), f" in {seconds:.1f} s")
        for tag in tags:
            text.append(f", named {tag}")
        self.console.print(text)

    @staticmethod
    def _add_output(row: _Row, data: bytes) -> str:
        *lines, rest = (row.rest + data.decode("utf-8", "replace")).split("\n")
        row.tail.extend(line.rstrip().rpartition("\r")[2] for line in lines)
        return rest

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=2)
        table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(justify="right", no_wrap=True, width=8)
        table.expand = True
        for row in list(self._rows.values()):
            table.add_row(self._mark(row), Text(row.name), Text(_shown_size(row), "dim"), Text(_shown_time(row), "dim"))
            if row.state == "running":
                for line in [*row.tail, *([row.rest] if row.rest else [])][-_TAIL:]:
                    table.add_row("", Text("  " + line, "dim"), "", "")
        return Group(table)

    def _mark(self, row: _Row) -> RenderableType:
        match row.state:
            case "running":
                return self._spinner
            case "failed":
                return Text("✗", "bold red")
            case "stopped":
                return Text("-", "yellow")
            case "cached":
                return Text("✓", "dim")
            case _:
                return Text("✓", "green")


def _shown_size(row: _Row) -> str:
    return human_size(row.size) if row.state == "done" and row.size else ""


def _shown_time(row: _Row) -> str:
    if row.state == "cached":
        return "cached"
    seconds = time.monotonic() - row.started if row.state == "running" else row.seconds
    return f"{seconds:.1f}s"
