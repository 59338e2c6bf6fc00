"""What a step's process prints: without the values of secrets, and with its last lines kept for messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from dockerlang.builder.environment import Log
from dockerlang.builder.masking import Masker
from dockerlang.runtime.output import Stream

_TAIL_LINES = 20
_LONGEST_LINE = 1000
"""Bytes of a line that are kept: a process may print gigabytes without a line end."""


class ProcessOutput:
    """Passes output on to `log` as it comes."""

    def __init__(self, log: Log, secrets: Iterable[bytes]) -> None:
        self._log = log
        values = tuple(secrets)
        self._maskers = {stream: Masker(values) for stream in Stream}
        self._lines: deque[bytes] = deque(maxlen=_TAIL_LINES)
        self._rest = b""

    def write(self, stream: Stream, data: bytes) -> None:
        """Take a block of one stream."""
        self._pass_on(stream, self._maskers[stream].feed(data))

    def end(self) -> None:
        """Pass on what was held back, after the last block."""
        for stream, masker in self._maskers.items():
            self._pass_on(stream, masker.end())

    def tail(self) -> tuple[str, ...]:
        """The last lines."""
        lines = [*self._lines, self._rest] if self._rest else list(self._lines)
        return tuple(line.decode("utf-8", "replace") for line in lines[-_TAIL_LINES:])

    def _pass_on(self, stream: Stream, data: bytes) -> None:
        if not data:
            return
        self._log(data, stream.value)
        *lines, rest = (self._rest + data).split(b"\n")
        self._lines.extend(line[:_LONGEST_LINE] for line in lines[-_TAIL_LINES:])
        self._rest = rest[:_LONGEST_LINE]
