"""Signals that ask the program to end: they unwind it as Ctrl-C does, so that it clears away what it has made."""

from __future__ import annotations

import signal
import sys
from types import FrameType

_REQUESTS = (signal.SIGTERM, signal.SIGHUP)


def unwind_on_signals() -> None:
    """From now on SIGTERM and SIGHUP end the main thread with `SystemExit`, with the exit code that a shell gives them.

    Further ones are ignored then. One that is ignored already (`nohup`) stays so.
    """
    for number in _REQUESTS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _unwind)


def _unwind(number: int, frame: FrameType | None) -> None:
    for each in _REQUESTS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)
