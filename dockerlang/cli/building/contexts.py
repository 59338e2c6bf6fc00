"""Where files come from: the build context, and the named ones beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.contexts.local import MainContext
    from dockerlang.builder.contexts.named import NamedContext

options = declare(
    click.option(
        "--build-context", "build_contexts", multiple=True, metavar="NAME=VALUE",
        help="Use VALUE for the stage or image NAME: a directory, docker-image://IMAGE, oci-layout://DIRECTORY[:TAG],"
        " a git repository or a URL. May be repeated.",
    ),
)  # fmt: skip


@record
class Contexts:
    """The values of these options."""

    build_contexts: tuple[str, ...]

    def named_contexts(self) -> dict[str, NamedContext]:
        """The contexts by the names that they are looked up by; of two with one name the last counts.

        Raises `UsageError` for what is not understood, `InputError` for a directory or layout that is none.
        """
        if not self.build_contexts:
            return {}
        from dockerlang.builder.contexts.named import parse_named_context

        return dict(map(parse_named_context, self.build_contexts))


@contextmanager
def main_context(location: str, file: str, root: Path, build_args: Mapping[str, str]) -> Iterator[MainContext]:
    """The build context that the command line names; what has to be brought here lies in the store at `root`."""
    if file != "-" and "://" not in file and os.path.isdir(location):
        from dockerlang.builder.contexts.local import open_directory

        yield open_directory(Path(location), file)
        return
    from dockerlang.builder.contexts.main import KEEPS_GIT_DIRECTORY, open_main_context
    from dockerlang.errors import UsageError
    from dockerlang.store.store import Store

    if "-" in (location, file) and sys.stdin.isatty():
        raise UsageError("standard input is a terminal", hint="send it something: dockerlang build - < Dockerfile")
    keeps = build_args.get(KEEPS_GIT_DIRECTORY, "").lower() in ("1", "t", "true")
    with open_main_context(location, file, sys.stdin.buffer, Store.open(root), keeps_git_directory=keeps) as context:
        yield context
