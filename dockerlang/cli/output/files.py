"""Archives that commands read and write: named files, or the standard streams."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from dockerlang.errors import InputError


@contextmanager
def open_input(path: Path | None) -> Iterator[BinaryIO]:
    """The file, or standard input for None; `InputError` where it cannot be read."""
    if path is None:
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    with file:
        yield file


@contextmanager
def open_output(path: Path | None) -> Iterator[BinaryIO]:
    """The file, or standard output for None. A file appears only when the block has ended without an error."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists() and not path.is_file():
        # A device or a pipe is written to as it is; a directory fails here.
        with _opened(path) as file:
            yield file
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with _opened(temporary) as file:
            yield file
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
