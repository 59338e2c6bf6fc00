"""Our own configuration of a project: `dockerlang.toml`, or `[tool.dockerlang]` in `pyproject.toml`.

Both hold the same tables, `lint` and `format`; `docs/configuration.md` describes their keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dockerlang.errors import InputError
from dockerlang.records import record
from dockerlang.text import nearest

OWN_FILE = "dockerlang.toml"
PYTHON_PROJECT = "pyproject.toml"


@record
class Table:
    """A table of a configuration while it is read; `where` names it in messages, `path` is the file that it is in.

    Its methods raise `InputError`.
    """

    values: Mapping[str, Any]
    where: str
    path: Path

    def refuse_others(self, known: Iterable[str]) -> None:
        """Complain of a key that is not among the known ones: a slip would otherwise change nothing, silently."""
        names = list(known)
        for key in self.values:
            if key not in names:
                like = nearest(key, names)
                raise InputError(
                    f"{self.where}: there is no setting `{key}`", hint=f"did you mean `{like}`?" if like else ""
                )

    def table(self, key: str) -> Table:
        """A table below this one; an empty one where it is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "a table")
        return Table(value, f"{self.where}: {key}", self.path)

    def words(self, key: str) -> tuple[str, ...] | None:
        """A list of strings; None where it is missing."""
        value = self.values.get(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise self.wrong(key, "a list of strings")
        return None if value is None else tuple(value)

    def switch(self, key: str, default: bool) -> bool:
        """A boolean."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """An integer from `least` to `most`."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(key, f"a number from {least} to {most}")
        return value

    def choice(self, key: str, choices: Iterable[str]) -> str | None:
        """One of some words; None where it is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        names = list(choices)
        if value not in names:
            raise self.wrong(key, f"one of {', '.join(names)}")
        return str(value)

    def word(self, key: str) -> str:
        """A string."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def wrong(self, key: str, wanted: str) -> InputError:
        """The error for a value of the wrong kind."""
        return InputError(f"{self.where}: `{key}` should be {wanted}")


def find_project(folder: Path) -> Table | None:
    """The configuration of the project that `folder` belongs to: there or above it, up to the root of a repository.

    Raises `InputError` where a file is no TOML or cannot be read.
    """
    for place in (folder, *folder.parents):
        found = _at(place)
        if found is not None:
            return found
        if (place / ".git").exists():
            break
    return None


def read_project(path: Path) -> Table:
    """The tables of a configuration file; empty for a `pyproject.toml` without ours. Raises `InputError`."""
    # Reading TOML takes longer than all that a run without a configuration reads.
    import tomllib

    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}: it is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is no TOML: {error}") from error
    table = Table(values, str(path), path)
    if path.name == PYTHON_PROJECT:
        table = table.table("tool").table("dockerlang")
    table.refuse_others(("lint", "format"))
    return table


def _at(place: Path) -> Table | None:
    own, python = place / OWN_FILE, place / PYTHON_PROJECT
    if own.is_file():
        return read_project(own)
    # Most of them are not about us; a broken one is not ours to complain of.
    if python.is_file() and b"tool.dockerlang" in _bytes(python):
        return read_project(python)
    return None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
