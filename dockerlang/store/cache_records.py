"""What the build cache keeps: a step with what it was made of, and what tells that a file is still the same."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

from dockerlang.records import record


@record
class StepRecord:
    """One step: the key it is found by, where in which file it stands, what the key was made of, and what came out.

    `ingredients` is any JSON object; `result` is an image ID or a diff ID. Times are seconds since 1970.
    """

    key: str
    place: str
    ingredients: Mapping[str, object]
    result: str
    created: float = field(default_factory=time.time)
    last_used: float = field(default_factory=time.time)


class FileKey(NamedTuple):
    """What tells that a file has not been changed since its digest was taken; there may be very many of them."""

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @staticmethod
    def of(path: bytes, status: os.stat_result) -> FileKey:
        """The key of the file at `path`, which should be absolute."""
        return FileKey(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
