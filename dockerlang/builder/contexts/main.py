"""The main build context where it is no plain directory: standard input, an archive, a URL, a git repository.

What comes as a stream is told by its first bytes: an archive is the context, anything else is a Dockerfile without one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from dockerlang.builder.contexts.archive import ArchiveContext, EmptyContext, read_archive
from dockerlang.builder.contexts.local import MAX_DOCKERFILE, MainContext, open_directory, read_dockerfile
from dockerlang.builder.ops.archive import is_header
from dockerlang.errors import InputError, LimitError, NotFoundError, UsageError
from dockerlang.oci.compression import Compression, detect
from dockerlang.oci.tar import Readable
from dockerlang.records import replace
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

    `dockerfile` is the name given with `-f`: empty for none, `-` for standard input, or the URL of one. With a context
    that is no directory of this machine an absolute path is a file of this machine, every other one is seen from the
    root of the context. Raises `UsageError`, `InputError` and `NotFoundError` with what is wrong and what to do.
    """
    with ExitStack() as stack:
        given = _given_dockerfile(location, dockerfile, stdin, lambda: stack.enter_context(_scratch(store)))
        name = "" if given is not None else dockerfile
        if location == STANDARD_INPUT:
            yield _from_stream(stdin, "on standard input", name, given, store)
        elif os.path.isdir(location):
            yield open_directory(Path(location), name, given)
        elif os.path.isfile(location):
            with _open(Path(location)) as stream:
                yield _from_stream(stream, location, name, given, store)
        elif (repository := _repository(location)) is not None:
            from dockerlang.builder.ops.git import check_out

            found = check_out(repository, stack.enter_context(_scratch(store)), keeps_git_directory=keeps_git_directory)
            source = given or read_dockerfile(_inside(found.root, name), name or "Dockerfile")
            yield MainContext(source, found.root, time=lambda: found.committed)
        elif is_url(location):
            from dockerlang.builder.ops.downloading import download, without_credentials

            path = stack.enter_context(_scratch(store)) / "file"
            downloaded = download(location, path)
            with _open(path) as stream:
                context = _from_stream(stream, without_credentials(location), name, given, store)
            if downloaded.modified is not None:
                modified = downloaded.modified // 10**9
                context = replace(context, time=lambda: modified)
            yield context
        else:
            raise NotFoundError(f"there is no build context {location}", hint=_hint_for(location))


def is_url(text: str) -> bool:
    """Whether a context or a Dockerfile lies behind HTTP."""
    return _URL.match(text) is not None


def _hint_for(location: str) -> str:
    scheme, has_scheme, _ = location.partition("://")
    if has_scheme:
        return f"{scheme}:// is not known here: name a directory, an archive, a git repository or an http(s) URL"
    return "name a directory, an archive, a git repository, a URL, or - for standard input"


@contextmanager
def _scratch(store: Store) -> Iterator[Path]:
    with store.operation("context") as operation:
        yield operation.scratch("context")


def _given_dockerfile(location: str, dockerfile: str, stdin: BinaryIO, scratch: Callable[[], Path]) -> Source | None:
    """The Dockerfile that does not come from the context."""
    if dockerfile == STANDARD_INPUT:
        if location == STANDARD_INPUT:
            raise UsageError(
                "standard input cannot be both the context and the Dockerfile", hint="give one of them as a path"
            )
        content = _limited(stdin, "the Dockerfile on standard input")
        if not content.strip():
            raise InputError("the Dockerfile on standard input is empty", hint="send one: -f - < Dockerfile")
        return Source("<stdin>", decode(content))
    if is_url(dockerfile):
        from dockerlang.builder.ops.downloading import download, without_credentials

        path = scratch() / "file"
        download(dockerfile, path, limit=MAX_DOCKERFILE)
        return read_dockerfile(path, without_credentials(dockerfile))
    if os.path.isabs(dockerfile) and not os.path.isdir(location) and os.path.isfile(dockerfile):
        return read_dockerfile(Path(dockerfile))
    return None


def _from_stream(stream: BinaryIO, place: str, dockerfile: str, given: Source | None, store: Store) -> MainContext:
    head = stream.read(_BLOCK)
    while len(head) < _BLOCK and (more := stream.read(_BLOCK - len(head))):
        head += more
    whole = _Rest(head, stream)
    if detect(head) is Compression.NONE and not is_header(head):
        if given is not None or dockerfile:
            # A Dockerfile came, and another one was named: nobody knows which is meant.
            raise InputError(f"the build context {place} is no archive", hint="leave out -f, or send a tar archive")
        if not head.strip():
            raise InputError(f"the build context {place} is empty", hint="send a Dockerfile or a tar archive")
        return MainContext(Source(_shown(place), decode(_limited(whole, f"the Dockerfile {place}"))), EmptyContext())
    context = read_archive(whole, place, store.layout.root)
    return MainContext(given or _archived_dockerfile(context, dockerfile), context, time=context.newest)


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
