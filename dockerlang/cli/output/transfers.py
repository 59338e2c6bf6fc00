"""Shows layers on their way: a line for each change in a log, a line for each layer on a terminal."""

from __future__ import annotations

import sys
import threading
from typing import Protocol, Self, TextIO

import click

from dockerlang.images.progress import LayerEvent


class TransferDisplay(Protocol):
    """Takes events from many threads; used as a context manager around the transfer."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def listen(self, event: LayerEvent) -> None:
        """Take one event."""
        ...


class QuietTransfer:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def listen(self, event: LayerEvent) -> None:
        """Take one event."""


class PlainTransfer(QuietTransfer):
    """A line for each new state of a layer, as docker writes where nobody watches."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def listen(self, event: LayerEvent) -> None:
        """Take one event."""
        if not event.is_moving:
            with self._lock:
                click.echo(f"{event.layer}: {event.text}", file=self._stream)


def transfer_display(*, is_quiet: bool = False, to_stderr: bool = False) -> TransferDisplay:
    """The display for a stream: bars on a terminal, lines elsewhere."""
    if is_quiet:
        return QuietTransfer()
    stream = sys.stderr if to_stderr else sys.stdout
    if not stream.isatty():
        return PlainTransfer(stream)
    from dockerlang.cli.output.live_transfers import LiveTransfer

    return LiveTransfer(stream)
