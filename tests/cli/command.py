"""Runs the command as a user does: a process of its own, with a store of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """`dockerlang --root ROOT` in a directory."""

    root: Path
    directory: Path
    seconds: float = 120
    """How long one call may take."""

    def __call__(self, *arguments: str, input: bytes | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DOCKERLANG_NO_SYNC": "1", "NO_COLOR": "1", "COLUMNS": "100"}
        result = subprocess.run(
            [sys.executable, "-m", "dockerlang", "--root", str(self.root), *arguments],
            check=False,
            cwd=self.directory,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            env=environment,
            timeout=self.seconds,
        )
        return subprocess.CompletedProcess(
            result.args,
            result.returncode,
            result.stdout.decode("utf-8", "replace"),
            result.stderr.decode("utf-8", "replace"),
        )
