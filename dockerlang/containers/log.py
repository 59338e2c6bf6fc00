"""A container's log: what its process printed, a JSON object a line with the text, the stream and the time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from dockerlang.records import record
from dockerlang.store.records import Container

_POLL_SECONDS = 0.2


@record
class LogLine:
    """One line as it was printed, with its end if it has one; `time` is in nanoseconds since 1970."""

    text: str
    is_error: bool
    time: int


class LogWriter:
    """Writes a container's log; each stream's bytes are kept until a line is whole."""

    def __init__(self, container: Container) -> None:
        self._file = log_path(container).open("a", encoding="ascii")
        self._partial = {False: b"", True: b""}

    def listener(self, *, is_error: bool) -> Callable[[bytes], None]:
        """What takes the bytes of one stream."""

        def take(data: bytes) -> None:
            *lines, rest = (self._partial[is_error] + data).split(b"\n")
            for line in lines:
                self._write(line + b"\n", is_error=is_error)
            self._partial[is_error] = rest
            self._file.flush()

        return take

    def close(self) -> None:
        """Write what is left, and end."""
        for is_error, rest in self._partial.items():
            if rest:
                self._write(rest, is_error=is_error)
        self._file.close()

    def _write(self, line: bytes, *, is_error: bool) -> None:
        # Surrogates stand for bytes that are no UTF-8, and come back as these.
        text = line.decode("utf-8", "surrogateescape")
        record = {"log": text, "stream": "stderr" if is_error else "stdout", "time": time.time_ns()}
        self._file.write(json.dumps(record) + "\n")


def log_path(container: Container) -> Path:
    """Where the log is."""
    return container.directory / "log"


class LogReader:
    """Reads a container's log from its beginning, once: what is there now, then what is still to come."""

    def __init__(self, container: Container) -> None:
        try:
            self._file: IO[str] | None = log_path(container).open(encoding="ascii")
        except FileNotFoundError:
            self._file = None
        self._partial = ""

    def __enter__(self) -> LogReader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def present(self) -> Iterator[LogLine]:
        """The lines that are there, as they came."""
        for line in self._file or ():
            self._partial += line
            if self._partial.endswith("\n"):
                record, self._partial = json.loads(self._partial), ""
                yield LogLine(record["log"], record["stream"] == "stderr", record["time"])

    def coming(self, is_running: Callable[[], bool], until: float | None = None) -> Iterator[LogLine]:
        """The lines to come until the container has ended, or until a moment in seconds since 1970."""
        while True:
            # Asked first: what is written before the end is read after it.
            goes_on = is_running() and (until is None or time.time() < until)
            yield from self.present()
            if not goes_on:
                return
            time.sleep(_POLL_SECONDS)
