"""Finds what is around a Dockerfile on disk that the linter can use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dockerlang.linter.surroundings import Surroundings
from dockerlang.text import decode

if TYPE_CHECKING:
    from dockerlang.semantics.ignore import IgnoreFile

IGNORE_FILE = ".dockerignore"


def surroundings_of(path: Path) -> Surroundings:
    """What is known of a Dockerfile at `path`, with its folder taken for the build context."""
    return Surroundings(ignore_file=_ignore_file(path))


def _ignore_file(path: Path) -> IgnoreFile | None:
    """The ignore file that holds for a Dockerfile: one of its own, else that of the folder."""
    for candidate in (path.with_name(f"{path.name}{IGNORE_FILE}"), path.with_name(IGNORE_FILE)):
        try:
            data = candidate.read_bytes()
        except OSError:
            # Most folders have none; one that cannot be read is as good as none to somebody who only reads.
            continue
        from dockerlang.semantics.ignore import read_ignore

        return read_ignore(decode(data), candidate.name)
    return None
