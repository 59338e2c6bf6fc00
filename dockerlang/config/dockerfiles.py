"""Which files a command line means: Dockerfiles as they are named, folders searched for them, and reading them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from dockerlang.errors import InputError
from dockerlang.text import Source, decode

STANDARD_INPUT = "-"

_NAME = re.compile(r"(?:.+\.)?(?:dockerfile|containerfile)|(?:dockerfile|containerfile)\..+", re.IGNORECASE)
_OTHER_SUFFIXES = (".dockerignore", ".containerignore", ".md", ".py", ".orig", ".bak", "~")
_FOREIGN_FOLDERS = frozenset({"node_modules", "__pycache__", "venv"})


def is_dockerfile_name(name: str) -> bool:
    """Whether a file of this name is taken for a Dockerfile: `Dockerfile`, `Dockerfile.dev`, `app.dockerfile`, and the
    same with `Containerfile`; case does not matter."""
    return _NAME.fullmatch(name) is not None and not name.lower().endswith(_OTHER_SUFFIXES)


def find_dockerfiles(paths: Iterable[str]) -> Iterator[str]:
    """The files that `paths` mean, each once: a file is itself whatever its name, a folder the Dockerfiles below it.

    Folders whose name begins with a dot, those of package managers and what `.gitignore` names are passed over,
    symbolic links to folders are not followed. A file that is named itself is taken whatever git thinks of it. `-`
    stands for standard input. Raises `InputError` for a path that does not exist or a folder that cannot be read.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _found_at(path):
            if found not in seen:
                seen.add(found)
                yield found


def read_source(path: str) -> Source:
    """The text of a file, or of standard input for `-`; bytes that are not UTF-8 survive as surrogate escapes.

    Raises `InputError` where it cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    except IsADirectoryError:
        raise InputError(f"cannot read {path}: it is a directory", hint="name the file in it") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {_cause(error)}") from error
    return Source(path, decode(data))


def _found_at(path: str) -> Iterator[str]:
    if path == STANDARD_INPUT or not os.path.isdir(path):
        if path != STANDARD_INPUT and not os.path.exists(path):
            raise InputError(f"cannot read {path}: no such file or directory")
        yield path
        return
    # Who names files does not wait for what only a search needs.
    from dockerlang.config.gitignore import git_ignore_of

    ignores = {path: git_ignore_of(path)}
    for folder, folders, names in os.walk(path, onerror=_fail):
        ignore = ignores.pop(folder)
        place = os.path.abspath(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _FOREIGN_FOLDERS
            and not ignore.ignores(os.path.join(place, name), is_folder=True)
        )
        ignores.update((os.path.join(folder, name), ignore.below(os.path.join(place, name))) for name in folders)
        for name in sorted(names):
            found = os.path.normpath(os.path.join(folder, name))
            if not is_dockerfile_name(name) or not os.path.isfile(found):
                continue
            if not ignore.ignores(os.path.join(place, name), is_folder=False):
                yield found


def _fail(error: OSError) -> None:
    raise InputError(f"cannot read {error.filename}: {_cause(error)}") from error


def _cause(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
