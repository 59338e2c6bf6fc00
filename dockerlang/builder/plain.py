"""A build as lines of text, in the form of BuildKit's plain progress: what the terminal, CI and the stored log show.

Every step has a number in the order in which they begin. Whenever another step than the last one says something, a
blank line comes first, and the step's name again.
"""

from __future__ import annotations

import time

from dockerlang.builder import events

_LONGEST_LINE = 1 << 16


class PlainText:
    """Turns events into text; each call gives whole lines, or nothing."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._started: dict[str, float] = {}
        self._rests: dict[str, str] = {}
        self._current = ""

    def number(self, event: events.StepEvent) -> int:
        """The number of the event's step."""
        return self._numbers.setdefault(event.vertex.digest, len(self._numbers) + 1)

    def text(self, event: events.Event) -> str:
        """What there is to say, each line ended."""
        if isinstance(event, events.StepsPlanned | events.StepProgress):
            return ""
        digest = event.vertex.digest
        number = self.number(event)
        match event:
            case events.StepStarted():
                self._started[digest] = time.monotonic()
                return self._heading(event)
            case events.StepMissed():
                return ""
            case events.StepWaiting():
                return f"{self._heading(event)}#{number} waits for another build, which is doing the same\n"
            case events.StepOutput():
                lines = self._output(event)
                return self._heading(event) + lines if lines else ""
            case events.StepFinished():
                outcome = "CACHED" if event.is_cached else f"DONE {event.seconds:.1f}s"
            case events.StepFailed():
                outcome = "CANCELED" if event.is_cancelled else f"ERROR: {event.message}"
        rest = self._rests.pop(digest, "")
        text = self._heading(event) + (self._line(number, digest, rest) if rest else "") + f"#{number} {outcome}\n"
        self._current = "nothing"
        return text

    def _heading(self, event: events.StepEvent) -> str:
        """The step's name, if the last lines were not its own."""
        digest, before = event.vertex.digest, self._current
        if digest == before:
            return ""
        self._current = digest
        left = f"#{self._numbers[before]} ...\n" if before in self._numbers else ""
        return f"{left}{chr(10) if before else ''}#{self.number(event)} {event.vertex.name.replace(chr(10), ' ')}\n"

    def _output(self, event: events.StepOutput) -> str:
        digest = event.vertex.digest
        text = self._rests.get(digest, "") + event.data.decode("utf-8", "replace")
        *lines, rest = text.split("\n")
        if len(rest) > _LONGEST_LINE:
            lines.append(rest)
            rest = ""
        self._rests[digest] = rest
        number = self.number(event)
        return "".join(self._line(number, digest, line) for line in lines)

    def _line(self, number: int, digest: str, line: str) -> str:
        seconds = time.monotonic() - self._started.get(digest, time.monotonic())
        return f"#{number} {seconds:.3f} {line.rstrip()}\n"
