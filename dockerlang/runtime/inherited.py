"""What a process must not inherit from whoever started this program: keys, and being spared when memory runs out."""

from __future__ import annotations

import errno
import os

from dockerlang.runtime import kernel

_SCORE = "/proc/self/oom_score_adj"


def leave_keys() -> None:
    """Have a session keyring of one's own; the kernel looks there for what opens other people's file systems."""
    try:
        kernel.join_new_session_keyring()
    except OSError as error:
        # A kernel without keys, or a user who has made too many rings; whoever confines us may forbid it as well.
        if error.errno not in {errno.ENOSYS, errno.EDQUOT, errno.EPERM, errno.EACCES}:
            raise


def set_out_of_memory_score(score: int | None) -> None:
    """How soon the kernel ends this process when memory runs out: -1000 for never, 1000 for first.

    None gives up what protection was inherited. Raises OSError for less than this process may have.
    """
    descriptor = os.open(_SCORE, os.O_RDWR | os.O_CLOEXEC)
    try:
        if score is None:
            score = max(0, int(os.read(descriptor, 16)))
        os.pwrite(descriptor, str(score).encode(), 0)
    finally:
        os.close(descriptor)
