"""A run as the fork server knows it, and how signals reach it: the kernel spares pid 1 those it does not handle."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerlang.runtime.pasta import OwnNetwork
from dockerlang.runtime.protocol import ONLY_IF_UNMINDED

if TYPE_CHECKING:
    from dockerlang.runtime.forwarding import Forwarding

_ENDING_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM})
_GROUP_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT})
_SECOND_LOOKS = (0.05, 0.5)  # seconds after a signal


@dataclass(slots=True, eq=False)
class Run:
    """A process that was started and has not been buried. `handle` is a pidfd, readable when it has ended."""

    pid: int
    handle: int
    channel: socket.socket
    network: OwnNetwork | None = None
    changes_network: bool = False
    forwarding: Forwarding | None = None
    killed_for: int = 0  # the signal that was meant where it was killed instead

    def kill_unless_minded(self, number: int) -> None:
        """Kill for a signal that the kernel, out of care for pid 1, would not let end it."""
        if not _minds(self.handle, number):
            self.killed_for = number
            os.kill(self.pid, signal.SIGKILL)


class Signals:
    """Delivers signals, and looks later whether they were minded after all.

    The proper way to die of a caught signal is to raise it once more without a handler, and that, too, does nothing in
    pid 1.
    """

    def __init__(self) -> None:
        self._second_looks: list[tuple[float, Run, int]] = []

    def deliver(self, run: Run, numbers: bytes) -> None:
        """Deliver signals, each of which may have `ONLY_IF_UNMINDED` added."""
        for byte in numbers:
            number = byte & ~ONLY_IF_UNMINDED
            if number in _ENDING_SIGNALS:
                run.kill_unless_minded(number)
                now = time.monotonic()
                self._second_looks += [(now + delay, run, number) for delay in _SECOND_LOOKS]
            if number != byte:
                continue
            if number in _GROUP_SIGNALS:
                # As from a terminal: to all that the process has left in its group.
                os.killpg(run.pid, number)
            else:
                os.kill(run.pid, number)

    def look_again(self, now: float) -> float | None:
        """See whether what was delivered has been minded; the time of the next look, by the monotonic clock."""
        due = [look for look in self._second_looks if look[0] <= now]
        self._second_looks = [look for look in self._second_looks if look[0] > now]
        for _, run, number in due:
            run.kill_unless_minded(number)
        return min((look[0] for look in self._second_looks), default=None)

    def forget(self, run: Run) -> None:
        """The run has ended: there is nothing to look at any more."""
        self._second_looks = [look for look in self._second_looks if look[1] is not run]


def _minds(handle: int, number: int) -> bool:
    """Whether a process catches or ignores a signal. Pid 1 does not die of one that it leaves alone."""
    with open(f"/proc/self/fdinfo/{handle}", "rb") as file:
        pid = next(int(line.split()[1]) for line in file if line.startswith(b"Pid:"))
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            masks = [int(line.split()[1], 16) for line in file if line.startswith((b"SigIgn:", b"SigCgt:"))]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return any(mask >> (number - 1) & 1 for mask in masks)
