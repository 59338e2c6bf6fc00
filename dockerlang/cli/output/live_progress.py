"""The live display of a build: what is done stays on the screen as one line a step, what runs is repainted below it.

A frame is written at once, over the one before, and only what is left of that is cleared: nothing flickers. No line is
as wide as the terminal, so that lines never wrap while they are written. When the terminal becomes narrower it wraps
what it has, and the painter counts the rows that this gives before it goes back to the frame's beginning.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from dockerlang.builder import events
from dockerlang.cli.output.columns import fitted, plain_text, text_width
from dockerlang.cli.output.units import human_size

if TYPE_CHECKING:
    from dockerlang.builder.build import BuildResult

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PAINT_SECONDS = 0.1
_DIM, _RED, _GREEN, _YELLOW, _CYAN, _BOLD = "2", "1;31", "32", "33", "36", "1"
_NARROW, _NARROWEST = 40, 12
"""From how many columns on there is room for sizes, and how many are used in any case."""
_LONGEST_LINE = 4096

Size = Callable[[], os.terminal_size]


@dataclass
class _Running:
    name: str
    started: float
    last: str = ""
    rest: str = ""
    brought: str = ""
    is_waiting: bool = False


class LiveDisplay:
    """Paints ten times a second on a terminal; `size` says how large that is now."""

    def __init__(
        self, stream: TextIO | None = None, size: Size | None = None, *, has_color: bool | None = None
    ) -> None:
        self._stream = stream or sys.stderr
        self._size = size or _terminal_size
        self._has_color = not os.environ.get("NO_COLOR") if has_color is None else has_color
        self._running: dict[str, _Running] = {}
        self._ended: list[tuple[str, str, str, str, str, bool]] = []
        self._frame: list[str] = []
        self._steps = self._cached = self._bytes = self._expected = 0
        self._started = time.monotonic()
        self._changing = threading.Lock()
        self._stopping = threading.Event()
        self._painter = threading.Thread(target=self._paint_again, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._stream.write("\x1b[?25l")
        self._painter.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Paint for the last time; what still runs is shown as stopped."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._painter.join()
        with self._changing:
            for step in self._running.values():
                self._end(step.name, "-", _YELLOW, "stopped", "")
            self._running.clear()
            self.paint(is_last=True)
        self._stream.write("\x1b[?25h")
        self._stream.flush()

    def listen(self, event: events.Event) -> None:
        """Take one event."""
        if isinstance(event, events.StepsPlanned):
            with self._changing:
                self._expected = self._steps + event.count
            return
        digest = event.vertex.digest
        with self._changing:
            match event:
                case events.StepStarted():
                    self._running[digest] = _Running(event.vertex.name, time.monotonic())
                case events.StepWaiting():
                    self._running[digest].is_waiting = True
                case events.StepMissed():
                    self._running[digest].is_waiting = False
                case events.StepProgress():
                    self._running[digest].brought = _amount(event)
                case events.StepOutput():
                    self._take_output(self._running[digest], event.data)
                case events.StepFinished():
                    step = self._running.pop(digest)
                    self._steps += 1
                    self._cached += event.is_cached
                    self._bytes += 0 if event.is_cached else event.size
                    if event.is_cached:
                        self._end(step.name, "✓", _DIM, "cached", "", is_dim=True)
                    else:
                        size = human_size(event.size) if event.size else ""
                        self._end(step.name, "✓", _GREEN, f"{event.seconds:.1f}s", size)
                case events.StepFailed():
                    step = self._running.pop(digest)
                    sign, style = ("-", _YELLOW) if event.is_cancelled else ("✗", _RED)
                    self._end(step.name, sign, style, f"{event.seconds:.1f}s", "")

    def finish(self, result: BuildResult, tags: tuple[str, ...]) -> None:
        """Say what was built."""
        short = result.image.id.hex[:12]
        parts = [f"{self._seconds():.1f}s", f"{self._steps} steps", f"{self._cached} cached"]
        if self._bytes:
            parts.append(f"{human_size(self._bytes)} new")
        line = f"{self._styled('built', '1;32')} {self._styled(short, _BOLD)} {self._styled(', '.join(parts), _DIM)}"
        named = "".join(f"\nnamed {tag}" for tag in tags)
        self._stream.write(f"{line}{named}\n")
        self._stream.flush()

    def paint(self, *, is_last: bool = False) -> None:
        """Write what has ended for good, and below it a frame of what runs."""
        columns, rows = self._size()
        width = max(columns - 1, _NARROWEST)
        height = sum(max(1, -(-text_width(_unstyled(line)) // max(columns, 1))) for line in self._frame)
        back = f"\x1b[{min(height, rows - 1)}A\r" if height else "\r"
        frame = [] if is_last else self._lines(width, rows)
        ended = [self._row(line, width) for line in self._ended]
        self._ended = []
        if not ended and not frame and not self._frame:
            return
        lines = "".join(f"{line}\x1b[K\n" for line in (*ended, *frame))
        # Terminals that know the two marks show all between them at once.
        self._stream.write(f"\x1b[?2026h{back}{lines}\x1b[J\x1b[?2026l")
        self._stream.flush()
        self._frame = frame

    # ------------------------------------------------------------ what is shown

    def _lines(self, width: int, rows: int) -> list[str]:
        running = list(self._running.values())
        if not running:
            return []
        room = max(rows - 3, 1)
        lines: list[str] = []
        has_output = 2 * len(running) <= room
        for step in running[:room]:
            seconds = f"{time.monotonic() - step.started:.1f}s"
            spinner = _FRAMES[int(time.monotonic() / _PAINT_SECONDS) % len(_FRAMES)]
            lines.append(self._row((step.name, spinner, _CYAN, seconds, "", False), width))
            said = step.brought or step.rest or step.last
            if step.is_waiting:
                said = "waits for another build, which is doing the same"
            if has_output and said.strip():
                lines.append(self._styled(fitted(f"    {said}", width), _DIM))
        return [*lines, self._styled(fitted(f"  {self._total(len(running))}", width), _DIM)]

    def _total(self, running: int) -> str:
        """Where the whole build is; the most important comes first, in case there is no room for all."""
        done = f"{self._steps}/{self._expected}" if self._expected else str(self._steps)
        parts = [f"{self._seconds():.1f}s", f"{done} done"]
        if self._cached:
            parts.append(f"{self._cached} cached")
        parts.append(f"{running} running")
        if self._bytes:
            parts.append(f"{human_size(self._bytes)} new")
        return ", ".join(parts)

    def _end(self, name: str, sign: str, style: str, seconds: str, size: str, *, is_dim: bool = False) -> None:
        self._ended.append((name, sign, style, seconds, size, is_dim))

    def _row(self, row: tuple[str, str, str, str, str, bool], width: int) -> str:
        """A step on one line: sign, name, size and time."""
        name, sign, style, seconds, size, is_dim = row
        # Where there is no size to show the name may have its room.
        right = f"{size:>8} {seconds:>7}" if size and width >= _NARROW else f"{seconds:>7}"
        room = max(width - len(right) - 3, 1)
        shown = fitted(plain_text(name), room)
        text = f" {shown}{' ' * (room - text_width(shown))} "
        return self._styled(sign, style) + (self._styled(text, _DIM) if is_dim else text) + self._styled(right, _DIM)

    @staticmethod
    def _take_output(step: _Running, data: bytes) -> None:
        # Only the last line is shown: what lies before it is not even decoded.
        tail = data[-_LONGEST_LINE:].decode("utf-8", "replace")
        lines = [plain_text(line.rstrip("\r").rpartition("\r")[2]) for line in (step.rest + tail).split("\n")[-3:]]
        step.rest = lines.pop()[-_LONGEST_LINE:]
        step.last = next((line for line in reversed(lines) if line.strip()), step.last)

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._has_color and text else text

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _paint_again(self) -> None:
        while not self._stopping.wait(_PAINT_SECONDS):
            with self._changing:
                self.paint()


def _amount(event: events.StepProgress) -> str:
    """How much has come; of how much, if that is known."""
    return f"{human_size(event.done)} of {human_size(event.total)}" if event.total else human_size(event.done)


def _unstyled(line: str) -> str:
    return plain_text(line)


def _terminal_size() -> os.terminal_size:
    try:
        return os.get_terminal_size(sys.stderr.fileno())
    except OSError:
        return os.terminal_size((80, 24))
