"""The place for what a process writes into mounts whose writes are discarded, and its removal."""

from __future__ import annotations

import os
from pathlib import Path

from dockerlang.runtime.root import Root


def scratch_of(root: Root) -> Path:
    """A directory beside the root's own work, on its filesystem; made by whoever needs it."""
    return root.work.with_name(f"{root.work.name}.mounts")


def remove_scratch(root: Root) -> None:
    """Remove it with all that was written."""
    scratch = scratch_of(root)
    if scratch.is_dir():
        remove_tree(scratch)


def remove_tree(directory: Path) -> None:
    """Remove a directory with all that is in it, however deep a process may have made it. Raises OSError."""
    # What is in an inner directory is lifted to the top, so that no path grows and nothing recurses.
    lifted = 0
    pending = [directory]
    while pending:
        path = pending.pop()
        with os.scandir(path) as entries:
            found = list(entries)
        for entry in found:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
            elif path == directory:
                pending.append(Path(entry.path))
            else:
                lifted += 1
                place = directory / f".removed {os.getpid()} {lifted}"
                os.rename(entry.path, place)
                pending.append(place)
        if path != directory:
            os.rmdir(path)
    os.rmdir(directory)
