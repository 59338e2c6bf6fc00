"""The root directory of a process: a stack of layer trees and a directory for the changes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dockerlang.records import record


@record
class Root:
    """Read-only layer trees (lowest first), the directory that takes the changes, and one for the kernel's work.

    Layer trees and `upper` have the form of overlayfs: a deleted name is a character device 0:0, a directory that
    hides what lies below it is marked by an extended attribute. `upper` and `work` are on one filesystem. With
    `is_volatile`, `fsync` inside does nothing, which makes package managers fast: right wherever whoever takes over
    `upper` makes it durable, or throws it away.
    """

    lowers: tuple[Path, ...]
    upper: Path
    work: Path
    is_volatile: bool = False

    @classmethod
    def create(cls, directory: Path, lowers: tuple[Path, ...], *, is_volatile: bool = False) -> Root:
        """A root with empty `upper` and `work` directories made in `directory`, which must not hold any yet."""
        root = cls(lowers, directory / "upper", directory / "work", is_volatile)
        directory.mkdir(parents=True, exist_ok=True)
        root.work.mkdir(0o700)
        root.upper.mkdir(0o755)
        root.adopt_attributes()
        return root

    def adopt_attributes(self) -> None:
        """Give an untouched `upper` the mode and owner of the image's `/`, which an overlay takes from it.

        Without a layer tree that is 0755 and root's. An `upper` that holds something is left as it is.
        """
        if any(self.upper.iterdir()):
            return
        mode, uid, gid = 0o755, 0, 0
        if self.lowers:
            status = self.lowers[-1].stat()
            mode, uid, gid = stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
        mine = self.upper.stat()
        if (mine.st_uid, mine.st_gid) != (uid, gid) and os.geteuid() == 0:
            os.chown(self.upper, uid, gid)
        if stat.S_IMODE(mine.st_mode) != mode:
            os.chmod(self.upper, mode)
