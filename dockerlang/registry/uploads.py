"""Blobs into a registry: asked for first, mounted from a neighbour where possible, sent otherwise.

OCI distribution specification 1.1, "Pushing Blobs". One PUT sends the whole; a registry (or a proxy before it) that
finds that too large gets chunks. An upload that breaks is begun anew, since its state on the other side is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import Enum
from typing import BinaryIO
from urllib.parse import quote, urljoin

from dockerlang.errors import DockerlangError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.registry.errors import ConnectionFailure, RegistryError
from dockerlang.registry.repository import Repository
from dockerlang.registry.transport import Reply, backoff

_BLOCK = 256 * 1024
_CHUNK = 8 << 20
_FAILED_FOR_NOW = frozenset({404, 408, 416, 429, 500, 502, 503, 504})
_TOO_LARGE = 413
_BINARY = "application/octet-stream"

Opener = Callable[[], BinaryIO]
"""Opens the blob's content at its start."""


class Sent(Enum):
    """How a blob came to be in the repository."""

    EXISTED = "existed"
    MOUNTED = "mounted"
    UPLOADED = "uploaded"


class _TooLarge(RegistryError):
    """The body of one request is more than the other side takes."""


def has_blob(repository: Repository, blob: Descriptor) -> bool:
    """Whether the repository has the blob already, in its full size."""
    reply = repository.host.request("HEAD", f"{repository.path}/blobs/{blob.digest}", repository.push_scopes)
    reply.finish()
    if reply.status == 200:
        length = reply.header("Content-Length")
        return not length.isdigit() or int(length) == blob.size
    if reply.status in (401, 403):
        repository.fail(reply, f"blob {blob.digest}", verb="push")
    return False


def upload(
    repository: Repository,
    blob: Descriptor,
    opener: Opener,
    *,
    sources: Sequence[str] = (),
    progress: Callable[[int], None] = lambda sent: None,
    chunk: int | None = None,
) -> tuple[Sent, str]:
    """Bring a blob into the repository; how, and for a mounted one the repository that it came from.

    `sources` are paths of repositories in the same registry that may have it. `progress` is told the bytes sent so far.
    `chunk` sends it in pieces of that many bytes from the start. Raises `RegistryError`.
    """
    if has_blob(repository, blob):
        return Sent.EXISTED, ""
    location = ""
    for source in sources:
        location = _mount(repository, blob, source)
        if not location:
            return Sent.MOUNTED, source
        break  # A registry that does not mount from here has begun an upload instead.
    failures = 0
    while True:
        try:
            location = location or _begin(repository)
            _send(repository, blob, opener, location, progress, chunk)
            return Sent.UPLOADED, ""
        except _TooLarge:
            if chunk is not None:
                raise
            chunk = _CHUNK
        except ConnectionFailure as error:
            failures += 1
            if failures >= repository.host.transport.attempts:
                raise
            wait = backoff(failures)
            repository.host.transport.notify(f"{error}; sending {blob.digest.short} again in {wait:.0f} s")
            repository.host.transport.pause(wait)
        location = ""


def _mount(repository: Repository, blob: Descriptor, source: str) -> str:
    """Empty where the blob was mounted; else the location of the upload that the registry has begun instead."""
    target = f"{repository.path}/blobs/uploads/?mount={quote(str(blob.digest))}&from={quote(source, safe='')}"
    scopes = repository.push_scopes | {f"repository:{source}:pull"}
    try:
        reply = repository.host.request("POST", target, scopes)
    except RegistryError:
        return _begin(repository)  # A token for both repositories is not always to be had.
    if reply.status == 201:
        reply.finish()
        return ""
    if reply.status == 202:
        return _location(repository, reply)
    reply.finish()
    return _begin(repository)


def _begin(repository: Repository) -> str:
    reply = repository.host.request("POST", f"{repository.path}/blobs/uploads/", repository.push_scopes)
    if reply.status != 202:
        repository.fail(reply, f"upload to {repository.name.familiar}", verb="push")
    return _location(repository, reply)


def _location(repository: Repository, reply: Reply) -> str:
    """Where to go on, as the registry says: absolute or relative, with a query of its own."""
    location = reply.header("Location")
    reply.finish()
    if not location:
        raise RegistryError(f"{repository.name.domain} began an upload without saying where")
    return urljoin(reply.url, location)


def _send(
    repository: Repository,
    blob: Descriptor,
    opener: Opener,
    location: str,
    progress: Callable[[int], None],
    chunk: int | None,
) -> None:
    """Send the content and close the upload; what fails is cancelled on the other side, too."""
    try:
        start = 0
        while chunk is not None and start < blob.size:
            end = min(start + chunk, blob.size)
            headers = {"Content-Type": _BINARY, "Content-Range": f"{start}-{end - 1}"}
            reply = _transfer(repository, "PATCH", location, opener, (start, end), progress, headers)
            if reply.status not in (201, 202, 204):
                _refused(repository, blob, reply)
            smallest = reply.header("OCI-Chunk-Min-Length")
            chunk = max(chunk, int(smallest)) if smallest.isdigit() else chunk
            location = _location(repository, reply)
            start = end
        separator = "&" if "?" in location else "?"
        closing = f"{location}{separator}digest={quote(str(blob.digest))}"
        reply = _transfer(repository, "PUT", closing, opener, (start, blob.size), progress, {"Content-Type": _BINARY})
        if reply.status not in (201, 202, 204):
            _refused(repository, blob, reply)
        reply.finish()
    except DockerlangError:
        with suppress(DockerlangError):
            repository.host.request("DELETE", location, repository.push_scopes, attempts=1).finish()
        raise


def _transfer(
    repository: Repository,
    method: str,
    location: str,
    opener: Opener,
    span: tuple[int, int],
    progress: Callable[[int], None],
    headers: dict[str, str],
) -> Reply:
    start, end = span

    def body() -> Iterator[bytes]:
        with opener() as file:
            file.seek(start)
            position = start
            while position < end and (block := file.read(min(_BLOCK, end - position))):
                position += len(block)
                yield block
                progress(position)

    return repository.host.request(
        method,
        location,
        repository.push_scopes,
        headers=headers,
        body=body if end > start else None,
        length=end - start,
        attempts=1,
    )


def _refused(repository: Repository, blob: Descriptor, reply: Reply) -> None:
    if reply.status == _TOO_LARGE:
        reply.finish()
        raise _TooLarge(
            f"{repository.name.domain} takes no piece of this size of the blob {blob.digest}",
            hint="a proxy before the registry may limit the size of a request",
        )
    if reply.status in _FAILED_FOR_NOW:
        reason = reply.reason()
        raise ConnectionFailure(f"{repository.name.domain} answered {reply.status}{f': {reason}' if reason else ''}")
    repository.fail(reply, f"blob {blob.digest}", verb="push")
