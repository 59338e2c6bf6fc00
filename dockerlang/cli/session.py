"""What every command is given: where the store is, and where output goes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dockerlang.records import record


@record
class Session:
    """The settings that hold for one run of the command line."""

    root: Path

    @property
    def is_interactive(self) -> bool:
        """Whether a person watches: both error output (progress) and standard output are a terminal."""
        return sys.stdout.isatty() and sys.stderr.isatty()


def default_root() -> Path:
    """The store's directory: `$DOCKERLANG_ROOT`, `/var/lib/dockerlang` for root, or the XDG data folder."""
    from_environment = os.environ.get("DOCKERLANG_ROOT")
    if from_environment:
        return Path(from_environment)
    if os.geteuid() == 0:
        return Path("/var/lib/dockerlang")
    data_home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return Path(data_home) / "dockerlang"
