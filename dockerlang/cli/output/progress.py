"""Shows a build while it goes on: what a display is, and those that need no terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

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

    def stop(self) -> None:
        """Leave the terminal to others: nothing is shown from here on but what `finish` says."""

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

    def stop(self) -> None:
        """Do nothing: lines are whole."""

    def finish(self, result: BuildResult, tags: tuple[str, ...]) -> None:
        """Say nothing."""


class PlainDisplay(QuietDisplay):
    """Lines in the form of BuildKit's plain progress: `#3 [2/4] RUN make`, `#3 0.512 text`, `#3 DONE 1.2s`."""

    def __init__(self) -> None:
        from dockerlang.builder.plain import PlainText

        self._plain = PlainText()

    def listen(self, event: Event) -> None:
        text = self._plain.text(event)
        if text:
            # Whatever bytes a process writes, a terminal is not steered by them here: CI keeps lines as they are.
            sys.stderr.write(text.encode(sys.stderr.encoding or "utf-8", "replace").decode(sys.stderr.encoding))
            sys.stderr.flush()

    def finish(self, result: BuildResult, tags: tuple[str, ...]) -> None:
        print(f"built {result.image.id}", file=sys.stderr)
        for tag in tags:
            print(f"named {tag}", file=sys.stderr)
