"""The part of a log that is asked for, with or without the times of its lines."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from dockerlang.cli.output.build_logs import build_log_lines
from dockerlang.cli.output.units import rfc3339_nano
from dockerlang.containers.log import LogLine, LogReader
from dockerlang.errors import InputError
from dockerlang.records import record
from dockerlang.store.builds import BuildRecord, Builds
from dockerlang.store.listing import BadFilterError, parse_moment
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Container, ContainerState


@record
class LogView:
    """Which lines are shown: the last `tail` of the log, of these those between two moments (seconds since 1970)."""

    since: float | None = None
    until: float | None = None
    tail: int | None = None
    with_times: bool = False

    @staticmethod
    def of(since: str, until: str, tail: str, *, with_times: bool = False) -> LogView:
        """The view that options ask for; what is no number of lines means all of them. Raises `InputError`."""
        count = int(tail) if tail.isdecimal() else None
        return LogView(_moment("since", since), _moment("until", until), count, with_times)

    def print_container(self, store: StoreReader, container: Container, *, follow: bool) -> None:
        """Print a container's log, its errors to the error output; with `follow` until it has ended."""
        identifier = container.id

        def is_running() -> bool:
            now = store.find_container(identifier)
            return now is not None and now.state is ContainerState.RUNNING

        with LogReader(container) as reader:
            self._print(self._chosen(self._last(reader.present())))
            if follow:
                self._print(self._chosen(reader.coming(is_running, self.until)))

    def print_build(self, builds: Builds, build: BuildRecord, *, follow: bool) -> None:
        """Print what the steps of a build printed; with `follow` until it has ended."""
        lines = (
            LogLine(text.decode("utf-8", "surrogateescape") + "\n", False, time)
            for time, text in build_log_lines(builds, build, follow=follow)
        )
        if follow and self.tail is not None:
            count = sum(1 for _ in build_log_lines(builds, build, follow=False))
            self._print(self._chosen(islice(lines, max(0, count - self.tail), None)))
        else:
            self._print(self._chosen(self._last(lines)))

    def _last(self, lines: Iterator[LogLine]) -> Iterable[LogLine]:
        return lines if self.tail is None else deque(lines, maxlen=self.tail)

    def _chosen(self, lines: Iterable[LogLine]) -> Iterator[LogLine]:
        for line in lines:
            if self.until is not None and line.time > self.until * 1e9:
                return
            if self.since is None or line.time >= self.since * 1e9:
                yield line

    def _print(self, lines: Iterable[LogLine]) -> None:
        for line in lines:
            shown = f"{rfc3339_nano(line.time)} {line.text}" if self.with_times else line.text
            stream = sys.stderr if line.is_error else sys.stdout
            stream.buffer.write(shown.encode("utf-8", "surrogateescape"))
            stream.flush()


def _moment(option: str, text: str) -> float | None:
    if not text:
        return None
    try:
        return parse_moment(text)
    except BadFilterError as error:
        raise InputError(
            f'invalid value for "{option}": failed to parse value as time or duration: "{text}"', hint=error.hint
        ) from None
