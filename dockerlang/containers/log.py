"""A container's log: what its process printed, a JSON object a line with the text, the stream and the time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

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


def read_log(container: Container) -> Iterator[LogLine]:
    """The lines that are in the log now, as they came."""
    return _lines(container, lambda: False)


def follow_log(container: Container, is_running: Callable[[], bool], *, skip: int = 0) -> Iterator[LogLine]:
    """The lines of the log after the first `skip`, those to come included, until the container has ended."""
    return islice(_lines(container, is_running), skip, None)


def _lines(container: Container, is_running: Callable[[], bool]) -> Iterator[LogLine]:
    try:
        file = log_path(container).open(encoding="ascii")
    except FileNotFoundError:
        return
    with file:
        partial = ""
        while True:
            # Asked first: what is written before the end is read after it.
            goes_on = is_running()
            for line in file:
                partial += line
                if partial.endswith("\n"):
                    record, partial = json.loads(partial), ""
                    yield LogLine(record["log"], record["stream"] == "stderr", record["time"])
            if not goes_on:
                return
            time.sleep(_POLL_SECONDS)
