"""The main build context where it is no plain directory: standard input, an archive, a URL, a git repository.

What comes as a stream is told by its first bytes: an archive is the context, anything else is a Dockerfile without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from dockerlang.builder.contexts.archive import ArchiveContext, EmptyContext, read_archive
from dockerlang.builder.contexts.local import MAX_DOCKERFILE, MainContext, open_directory, read_dockerfile
from dockerlang.builder.ops.archive import is_header
from dockerlang.errors import InputError, LimitError, NotFoundError, UsageError
from dockerlang.oci.compression import Compression, detect
from dockerlang.oci.tar import Readable
from dockerlang.semantics.gitref import GitReference, InvalidGitReference, parse_git_reference
from dockerlang.store.store import Store
from dockerlang.text import Source, decode

STANDARD_INPUT = "-"
KEEPS_GIT_DIRECTORY = "BUILDKIT_CONTEXT_KEEP_GIT_DIR"
"""The build argument that keeps the `.git` of a context."""
_URL = re.compile(r"https?://", re.IGNORECASE)
_BLOCK = 512


@contextmanager
def open_main_context(
    location: str, dockerfile: str, stdin: BinaryIO, store: Store, *, keeps_git_directory: bool
) -> Iterator[MainContext]:
    """Bring the context here; what was brought is gone when the block ends.

    `dockerfile` is the name given with `-f`: empty for none, `-` for standard input. Raises `UsageError`, `InputError`
    and `NotFoundError` with what is wrong and what to do.
    """
    given = _given_dockerfile(location, dockerfile, stdin)
    if location == STANDARD_INPUT:
        yield _from_stream(stdin, "on standard input", dockerfile, given, store)
    elif Path(location).is_dir():
        yield open_directory(Path(location), dockerfile, given)
    elif Path(location).is_file():
        with _open(Path(location)) as stream:
            yield _from_stream(stream, location, dockerfile, given, store)
    elif (repository := _repository(location)) is not None:
        with store.operation("context") as operation:
            from dockerlang.builder.ops.git import check_out

            found = check_out(repository, operation.scratch("git"), keeps_git_directory=keeps_git_directory)
            name = _in_context(dockerfile)
            source = given or read_dockerfile(_inside(found.root, name), name or "Dockerfile")
            yield MainContext(source, found.root)
    elif _URL.match(location):
        with store.operation("context") as operation:
            from dockerlang.builder.ops.http import download

            path = operation.scratch("download") / "file"
            download(location, path)
            with _open(path) as stream:
                yield _from_stream(stream, location, dockerfile, given, store)
    else:
        raise NotFoundError(
            f"there is no build context {location}",
            hint="name a directory, an archive, a git repository, a URL, or - for standard input",
        )


def _given_dockerfile(location: str, dockerfile: str, stdin: BinaryIO) -> Source | None:
    if dockerfile != STANDARD_INPUT:
        return None
    if location == STANDARD_INPUT:
        raise UsageError(
            "standard input cannot be both the context and the Dockerfile", hint="give one of them as a path"
        )
    return Source("<stdin>", decode(_limited(stdin, "the Dockerfile on standard input")))


def _from_stream(stream: BinaryIO, place: str, dockerfile: str, given: Source | None, store: Store) -> MainContext:
    head = stream.read(_BLOCK)
    while len(head) < _BLOCK and (more := stream.read(_BLOCK - len(head))):
        head += more
    whole = _Rest(head, stream)
    if detect(head) is Compression.NONE and not is_header(head):
        if given is not None:
            raise InputError(f"the build context {place} is no archive", hint="leave out -f, or send a tar archive")
        if not head.strip():
            raise InputError(f"the build context {place} is empty", hint="send a Dockerfile or a tar archive")
        return MainContext(Source(_shown(place), decode(_limited(whole, f"the Dockerfile {place}"))), EmptyContext())
    context = read_archive(whole, place, store.layout.root)
    return MainContext(given or _archived_dockerfile(context, _in_context(dockerfile)), context)


def _archived_dockerfile(context: ArchiveContext, name: str) -> Source:
    for candidate in (name,) if name else ("Dockerfile", "dockerfile"):
        content = context.read(candidate)
        if content is not None:
            return Source(candidate, decode(_checked(content, candidate)))
    names = sorted(decode(file.path) for file in context.children(b""))
    listed = f"it holds {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}" if names else "it is empty"
    raise NotFoundError(
        f"the archive {context.place} has no {name or 'Dockerfile'}", hint=f"{listed}: name one with -f"
    )


def _repository(location: str) -> GitReference | None:
    try:
        reference = parse_git_reference(location)
    except InvalidGitReference as error:
        raise UsageError(f"the build context {location}: {error}") from None
    if reference is not None and reference.is_like_local_path:
        return replace(reference, remote=f"https://{reference.remote}")
    return reference


def _in_context(dockerfile: str) -> str:
    return "" if dockerfile == STANDARD_INPUT else dockerfile


def _inside(root: Path, name: str) -> Path:
    """The Dockerfile of a repository, which cannot be a file outside it."""
    candidates = [root / name] if name else [root / "Dockerfile", root / "dockerfile"]
    for path in candidates:
        if path.is_file() and path.resolve().is_relative_to(root.resolve()):
            return path
    raise NotFoundError(f"the repository has no {name or 'Dockerfile'} there", hint="name one of its files with -f")


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def _limited(stream: Readable, what: str) -> bytes:
    content = b""
    while len(content) <= MAX_DOCKERFILE and (chunk := stream.read(1 << 16)):
        content += chunk
    return _checked(content, what)


def _checked(content: bytes, what: str) -> bytes:
    if len(content) > MAX_DOCKERFILE:
        raise LimitError(f"{what} has more than {MAX_DOCKERFILE >> 20} MiB")
    return content


def _shown(place: str) -> str:
    return "<stdin>" if place == "on standard input" else place


class _Rest:
    """A stream whose first bytes were already read."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            head, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
            return head
        return self._stream.read(size)
