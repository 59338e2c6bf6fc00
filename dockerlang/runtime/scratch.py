"""The place for what a process writes into mounts whose writes are discarded."""

from __future__ import annotations

import shutil
from pathlib import Path

from dockerlang.runtime.root import Root


def scratch_of(root: Root) -> Path:
    """A directory beside the root's own work, on its filesystem; made by whoever needs it."""
    return root.work.with_name(f"{root.work.name}.mounts")


def remove_scratch(root: Root) -> None:
    """Remove it with all that was written."""
    scratch = scratch_of(root)
    if scratch.is_dir():
        shutil.rmtree(scratch)
