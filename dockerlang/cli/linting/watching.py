"""Lints again whenever something changes: what people leave open in a terminal beside their editor."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import NoReturn

import click

from dockerlang.cli.linting.running import lint_and_print
from dockerlang.cli.linting.wishes import Wishes
from dockerlang.config.dockerfiles import find_dockerfiles
from dockerlang.errors import DockerlangError, UsageError

SECONDS_BETWEEN_LOOKS = 0.3
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"
_CONFIGURATIONS = ("dockerlang.toml", "pyproject.toml", ".hadolint.yaml", ".hadolint.yml")


def watch_and_lint(wishes: Wishes) -> NoReturn:
    """Lint, and again after each change of a file, an ignore file or the configuration; ends with an interrupt.

    Raises `UsageError` for standard input, which ends when it was read.
    """
    if "-" in wishes.paths:
        raise UsageError("standard input cannot be watched", hint="name a file or a folder")
    seen: object = None
    while True:
        now = dict(_states(wishes))
        if now != seen:
            if seen is not None:
                click.echo(_CLEAR if sys.stdout.isatty() else "", nl=not sys.stdout.isatty())
            try:
                lint_and_print(wishes)
            except DockerlangError as error:
                # A configuration that is being edited is broken for a while.
                click.echo(f"dockerlang: {error}", err=True)
            sys.stdout.flush()
            # What fixes have just written is no change of the user's.
            seen = dict(_states(wishes)) if not wishes.only_reads else now
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _states(wishes: Wishes) -> Iterator[tuple[str, tuple[int, int] | None]]:
    """The files that matter, each with what changes when it is written."""
    for path in wishes.paths or (".",):
        try:
            for name in find_dockerfiles([path]):
                folder = os.path.dirname(name)
                for each in (name, f"{name}.dockerignore", os.path.join(folder, ".dockerignore")):
                    yield each, _state(each)
        except DockerlangError:
            yield path, None
    for each in _CONFIGURATIONS:
        yield each, _state(each)
    if wishes.config_file is not None:
        yield str(wishes.config_file), _state(str(wishes.config_file))


def _state(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
