"""What a process must not inherit from whoever started this program, nor see of him: keys, protection, arguments."""

from __future__ import annotations

import ctypes
import errno
import os

from dockerlang.runtime import kernel

_SCORE = "/proc/self/oom_score_adj"
_INIT = b"dockerlang-init"
_ADDRESSES = slice(45, 49)  # in what follows the name in /proc/[pid]/stat: where arguments and variables begin and end


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


def hide_origin() -> None:
    """Forget what this process was started with, for a container that has it for its init could read that.

    Its arguments and variables are those of this program, as its user has called it.
    """
    kernel.forbid_inspection()
    kernel.set_process_name(_INIT)
    with open("/proc/self/stat", "rb") as file:
        words = file.read().rpartition(b")")[2].split()
    arguments, their_end, variables, last_end = (int(word) for word in words[_ADDRESSES])
    for start, end in ((arguments, their_end), (variables, last_end)):
        if 0 < start < end:
            ctypes.memset(start, 0, end - start)
    name = _INIT[: max(0, their_end - arguments - 1)]
    if arguments:
        ctypes.memmove(arguments, name, len(name))
