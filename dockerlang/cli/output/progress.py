"""Shows a build while it goes on: what a display is, and the two that need no terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from dockerlang.cli.output.units import human_size

if TYPE_CHECKING:
    from dockerlang.builder.build import BuildResult
    from dockerlang.builder.events import Event


class Display(Protocol):
    """A way of showing progress; a context manager around the build."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def listen(self, event: Event) -> None:
        """Take one event; called from many threads, one at a time."""

    def finish(self, result: BuildResult, tags: tuple[str, ...]) -> None:
        """Say what was built."""


class QuietDisplay:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def listen(self, event: Event) -> None:
        """Ignore the event."""

    def finish(self, result: BuildResult, tags: tuple[str, ...]) -> None:
        """Say nothing."""


class PlainDisplay(QuietDisplay):
    """One line for what happens, in the form of BuildKit's plain progress: `#3 [2/4] RUN make`, `#3 DONE 1.2s`."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._started: dict[str, float] = {}
        self._rests: dict[str, bytes] = {}

    def listen(self, event: Event) -> None:
        from dockerlang.builder import events

        digest = event.vertex.digest
        number = self._numbers.setdefault(digest, len(self._numbers) + 1)
        match event:
            case events.StepStarted():
                self._started[digest] = time.monotonic()
                self._print(number, event.vertex.name)
            case events.StepOutput():
                self._print_output(number, digest, event.data)
            case events.StepFinished():
                self._flush(number, digest)
                self._print(
                    number, "CACHED" if event.is_cached else f"DONE {event.seconds:.1f}s {human_size(event.size)}"
                )
            case events.StepFailed():
                self._flush(number, digest)
                self._print(number, f"ERROR: {event.message}")

    def finish(self, result: BuildResult, tags: tuple[str, ...]) -> None:
        print(f"built {result.image.id}", file=sys.stderr)
        for tag in tags:
            print(f"named {tag}", file=sys.stderr)

    def _print_output(self, number: int, digest: str, data: bytes) -> None:
        *lines, self._rests[digest] = (self._rests.get(digest, b"") + data).split(b"\n")
        seconds = time.monotonic() - self._started.get(digest, time.monotonic())
        for line in lines:
            self._print(number, f"{seconds:.3f} {line.decode('utf-8', 'replace').rstrip()}")

    def _flush(self, number: int, digest: str) -> None:
        if self._rests.pop(digest, b""):
            self._print_output(number, digest, b"\n")

    @staticmethod
    def _print(number: int, text: str) -> None:
        print(f"#{number} {text}", file=sys.stderr, flush=True)
