"""A directory as the main build context: where its Dockerfile is, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dockerlang.builder.contexts.opening import read_ignore_file
from dockerlang.builder.contexts.protocol import BuildContext
from dockerlang.errors import InputError, LimitError, NotFoundError
from dockerlang.records import record
from dockerlang.semantics.ignore import IgnoreFile
from dockerlang.text import Source, decode, nearest

_NAMES = ("Dockerfile", "dockerfile")
MAX_DOCKERFILE = 16 * 1024 * 1024
"""The largest Dockerfile that is read, in bytes."""


def no_time() -> int | None:
    """The time of what has none."""
    return None


@record
class MainContext:
    """What is to be built: the Dockerfile's text, the files, and the ignore file for a directory.

    `time` gives the seconds since 1970 that the context itself is of: a commit's, a URL's, or those of the newest file
    of an archive. A directory has no such time.
    """

    source: Source
    files: Path | BuildContext
    ignore: IgnoreFile | None = None
    time: Callable[[], int | None] = no_time


def open_directory(directory: Path, dockerfile: str, given: Source | None = None) -> MainContext:
    """A directory with its own Dockerfile, the one that `dockerfile` names, or the text that is `given`."""
    if given is not None:
        return MainContext(given, directory.absolute(), read_ignore_file(directory))
    path = find_dockerfile(directory, dockerfile)
    return MainContext(read_dockerfile(path), directory.absolute(), read_ignore_file(directory, path))


def find_dockerfile(context: Path, name: str) -> Path:
    """The Dockerfile: `name`, seen from the current directory or from the context; else the context's own."""
    if name:
        path = Path(name)
        if not path.is_file() and not path.is_absolute() and (context / path).is_file():
            path = context / path
        if path.is_dir():
            inside = next((each for each in _NAMES if (path / each).is_file()), "Dockerfile")
            raise NotFoundError(f"{name} is a directory", hint=f"-f wants the file: -f {path / inside}")
        if not path.is_file():
            raise NotFoundError(f"there is no Dockerfile at {name}", hint=_where(context, name))
        return path
    for candidate in _NAMES:
        if (context / candidate).is_file():
            return context / candidate
    raise NotFoundError(f"there is no Dockerfile in {context}", hint=_where(context, "Dockerfile"))


def _where(context: Path, name: str) -> str:
    """What to do where there is no such Dockerfile; what the context has in its place is named."""
    wanted = Path(name).name
    try:
        found = sorted(path.name for path in context.iterdir() if path.is_file())
    except OSError:
        found = []
    near = [each for each in found if "dockerfile" in each.lower() and not each.endswith(".dockerignore")]
    best = nearest(wanted, near) or (near[0] if near else "")
    if best:
        return f"there is {context / best}: name it with -f {context / best}"
    return "name it with -f, from the current directory or from the context; or build another directory"


def read_dockerfile(path: Path, name: str = "") -> Source:
    """The text of a Dockerfile, which messages call `name`, else by its path.

    Raises `InputError` where it cannot be read, `LimitError` over 16 MiB.
    """
    try:
        if path.stat().st_size > MAX_DOCKERFILE:
            raise LimitError(f"{path} has more than {MAX_DOCKERFILE >> 20} MiB")
        return Source(name or str(path), decode(path.read_bytes()))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
