"""A small first process: passes signals on to the real one and buries the orphans that are left to it (`--init`)."""

from __future__ import annotations

import os
import signal
import socket
from typing import NoReturn

from dockerlang.runtime.inherited import hide_origin

PASSED_ON = tuple(
    set(signal.valid_signals())
    - {signal.SIGCHLD, signal.SIGKILL, signal.SIGSTOP, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGBUS}
)


def run_as_init(channel: socket.socket) -> None:
    """Return in a new child; the caller itself becomes its init, and ends with its exit status.

    `channel` is the child's to speak on.
    """
    hide_origin()
    # Blocked until there is somebody to pass them on to.
    signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
    child = os.fork()
    if child == 0:
        # A group of its own, in the foreground if there is a terminal.
        os.setpgid(0, 0)
        _take_terminal()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        return
    channel.close()
    wait_for(child)


def wait_for(main: int) -> NoReturn:
    """Pass signals on to the process `main` and wait for all, until that one ends; then end with its exit status."""
    for number in PASSED_ON:
        signal.signal(number, lambda number, frame: _pass_on(main, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    while True:
        pid, ended = os.wait()
        if pid == main:
            code = os.waitstatus_to_exitcode(ended)
            os._exit(code if code >= 0 else 128 - code)


def _pass_on(main: int, number: int) -> None:
    try:
        os.kill(main, number)
    except ProcessLookupError:
        # It has just ended, and is still to be waited for.
        return


def _take_terminal() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        os.tcsetpgrp(0, os.getpgrp())
    except OSError:
        # No terminal.
        return
