"""Opens the contexts of a build: the main one, and the directories among the named ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dockerlang.builder.contexts.directory import ContextFiles
from dockerlang.builder.contexts.protocol import BuildContext
from dockerlang.errors import InputError
from dockerlang.semantics.ignore import IgnoreFile, read_ignore
from dockerlang.store.build_cache import BuildCache
from dockerlang.text import decode

if TYPE_CHECKING:
    from dockerlang.builder.contexts.named import NamedContext

IGNORE_FILE = ".dockerignore"


def open_contexts(
    main: Path | BuildContext, ignore: IgnoreFile | None, named: Mapping[str, NamedContext], cache: BuildCache
) -> dict[str, BuildContext]:
    """The contexts by their keys, the main one's being empty; each named directory with its own ignore file.

    Raises `InputError` for an ignore file that cannot be read.
    """
    opened: dict[str, BuildContext] = {"": ContextFiles(main, ignore, cache) if isinstance(main, Path) else main}
    if not named:
        return opened
    from dockerlang.builder.contexts.named import DirectoryContext

    for key, context in named.items():
        if isinstance(context, DirectoryContext):
            own = _first_ignore_file(context.path / IGNORE_FILE)
            opened[key] = ContextFiles(context.path, own, cache)
    return opened


def read_ignore_file(context: Path, dockerfile: Path | None = None) -> IgnoreFile | None:
    """The ignore file in force: `<dockerfile>.dockerignore` beside the Dockerfile, else the context's, if any."""
    own = () if dockerfile is None else (dockerfile.with_name(dockerfile.name + IGNORE_FILE),)
    return _first_ignore_file(*own, context / IGNORE_FILE)


def _first_ignore_file(*paths: Path) -> IgnoreFile | None:
    for path in paths:
        if path.is_file():
            try:
                return read_ignore(decode(path.read_bytes()), path.name)
            except OSError as error:
                raise InputError(f"cannot read {path}: {error.strerror}") from None
    return None
