"""A small first process: passes signals on to the real one and buries the orphans that are left to it (`--init`)."""

from __future__ import annotations

import os
import signal
import socket

_PASSED_ON = tuple(
    set(signal.valid_signals())
    - {signal.SIGCHLD, signal.SIGKILL, signal.SIGSTOP, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGBUS}
)


def run_as_init(channel: socket.socket) -> None:
    """Return in a new child; the caller itself becomes its init, and ends with its exit status.

    `channel` is the child's to speak on.
    """
    # Blocked until there is somebody to pass them on to.
    signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)
    child = os.fork()
    if child == 0:
        # A group of its own, in the foreground if there is a terminal.
        os.setpgid(0, 0)
        _take_terminal()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        return
    channel.close()
    for number in _PASSED_ON:
        signal.signal(number, lambda number, frame: os.kill(child, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)
    status = 0
    while True:
        pid, ended = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(ended)
            status = code if code >= 0 else 128 - code
            break
    os._exit(status)


def _take_terminal() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        os.tcsetpgrp(0, os.getpgrp())
    except OSError:
        # No terminal.
        return
