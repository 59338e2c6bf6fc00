"""Signals that ask the program to end: they unwind it, so that it clears away what it has made, and soon."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from dockerlang.store.interruption import interrupt

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

PATIENCE = 0.8
"""Seconds that clearing away may take. What is not done by then is done by the next operation on the store, which finds
it by the lock that died with this process, as after SIGKILL."""
_REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_A_MOMENT = 0.005
_SHOW_CURSOR = b"\x1b[?25h"


class _Ending:
    """The first request to end, and until when it is followed in good order."""

    def __init__(self) -> None:
        self.request: BaseException | None = None
        self.code = 0
        self.deadline = 0.0


_ending = _Ending()


def unwind_on_signals() -> None:
    """From now on SIGINT raises `KeyboardInterrupt` in the main thread, SIGTERM and SIGHUP raise `SystemExit`.

    The code is the one that a shell gives such an end. Both wait for the end of a section that must not be interrupted.
    Further requests change nothing; when `PATIENCE` is over, the process ends wherever it is. A signal that is ignored
    already (`nohup`) stays so.
    """
    _ending.request = None
    for number in _REQUESTS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _unwind)
    signal.signal(signal.SIGALRM, _insist)
    sys.unraisablehook = _say_again
    sys.excepthook = _say_nothing_of_interruptions


def requested_code() -> int:
    """The exit code for the signal that asked the program to end; 0 where none has."""
    return _ending.code


def _unwind(number: int, frame: FrameType | None) -> None:
    if _ending.request is not None:
        return
    _ending.request = KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number)
    _ending.code = 128 + number
    _ending.deadline = time.monotonic() + PATIENCE
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    interrupt(_ending.request)


def _insist(number: int, frame: FrameType | None) -> None:
    """The time is up; or the exception was lost on its way."""
    if _ending.request is None:
        return
    left = _ending.deadline - time.monotonic()
    if left <= 0:
        if sys.stderr.isatty():
            os.write(2, _SHOW_CURSOR)
        os._exit(_ending.code)
    signal.setitimer(signal.ITIMER_REAL, max(left, _A_MOMENT))
    interrupt(_ending.request)


def _say_again(lost: UnraisableHookArgs) -> None:
    """Python drops what is raised in a destructor or a callback of a weak reference, as a signal's exception may be."""
    if _ending.request is not None and lost.exc_value is _ending.request:
        signal.setitimer(signal.ITIMER_REAL, _A_MOMENT)
    else:
        sys.__unraisablehook__(lost)


def _say_nothing_of_interruptions(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
