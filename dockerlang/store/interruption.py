"""Holds back the exceptions that signals raise until a transaction, or another short section, is over.

A signal's exception may come between any two steps of the main thread, also between the beginning of a transaction and
the block that would end it. The transaction would then stay open as long as the exception is on its way, and whatever
clears up meanwhile would wait for its own program.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Sections:
    """The sections that the main thread is in, and what was held back in them."""

    def __init__(self) -> None:
        self.depth = 0
        self.held_back: list[BaseException] = []


_sections = _Sections()


def interrupt(error: BaseException) -> None:
    """Raise what a signal asks for, now or at the end of the section that the main thread is in. For handlers."""
    if _sections.depth == 0:
        raise error
    _sections.held_back.append(error)


def is_interruption_due() -> bool:
    """Whether something is held back, so that what only waits had better give up."""
    return bool(_sections.held_back)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Do the block without interruptions; the first that came is raised at its end. Only the main thread has any."""
    if threading.get_ident() != threading.main_thread().ident:
        yield
        return
    _sections.depth += 1
    try:
        yield
    finally:
        _sections.depth -= 1
        if _sections.depth == 0 and _sections.held_back:
            error = _sections.held_back[0]
            _sections.held_back.clear()
            raise error
