"""Signals that ask the program to end: they unwind it, so that it clears away what it has made."""

from __future__ import annotations

import signal
from types import FrameType

from dockerlang.store.interruption import interrupt

_REQUESTS = (signal.SIGTERM, signal.SIGHUP)


def unwind_on_signals() -> None:
    """From now on SIGTERM and SIGHUP end the main thread with `SystemExit`, with the exit code that a shell gives them.

    Further ones are ignored then. SIGINT raises `KeyboardInterrupt`, as without this. All of them wait for the end of a
    section that must not be interrupted. A signal that is ignored already (`nohup`) stays so.
    """
    for number in _REQUESTS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _unwind)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)


def _unwind(number: int, frame: FrameType | None) -> None:
    for each in _REQUESTS:
        signal.signal(each, signal.SIG_IGN)
    interrupt(SystemExit(128 + number))


def _interrupt(number: int, frame: FrameType | None) -> None:
    interrupt(KeyboardInterrupt())
