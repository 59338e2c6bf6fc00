"""Finds what is around a Dockerfile on disk that the linter can use."""

from __future__ import annotations

from pathlib import Path

from dockerlang.linter.surroundings import Surroundings
from dockerlang.records import record
from dockerlang.text import decode

IGNORE_FILE = ".dockerignore"


@record
class IgnoreText:
    """An ignore file as it was read: its name without the folder, and its text."""

    name: str
    text: str


def surroundings_of(path: Path) -> Surroundings:
    """What is known of a Dockerfile at `path`, with its folder taken for the build context."""
    return surroundings_with(ignore_text_of(path))


def ignore_text_of(path: Path) -> IgnoreText | None:
    """The ignore file that holds for a Dockerfile: one of its own, else that of the folder; unread where it is not."""
    for candidate in (path.with_name(f"{path.name}{IGNORE_FILE}"), path.with_name(IGNORE_FILE)):
        try:
            return IgnoreText(candidate.name, decode(candidate.read_bytes()))
        except OSError:
            # Most folders have none; one that cannot be read is as good as none to somebody who only reads.
            continue
    return None


def surroundings_with(ignore_file: IgnoreText | None) -> Surroundings:
    """The surroundings in which that ignore file holds."""
    if ignore_file is None:
        return Surroundings()
    # Most files have none beside them, and a file whose findings are remembered does not need it read.
    from dockerlang.semantics.ignore import read_ignore

    return Surroundings(ignore_file=read_ignore(ignore_file.text, ignore_file.name))
