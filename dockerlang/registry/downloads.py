"""Blobs out of a registry, verified as a whole at the end.

A cut line costs nothing but the wait: the download goes on where it stopped (`Range`), and whoever gets further on each
attempt may go on for ever. What came is named by its digest, so another registry may give the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from dockerlang.errors import InputError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.registry.errors import ConnectionFailure, RegistryError
from dockerlang.registry.repository import Repository
from dockerlang.registry.transport import Reply, backoff

_CHUNK = 256 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


class BlobSink(Protocol):
    """Where a blob goes; what is there already is not fetched again."""

    @property
    def size(self) -> int:
        """How many bytes are there."""
        ...

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""
        ...

    def hexdigest(self) -> str:
        """The digest of all that is there, by the algorithm of the blob's own."""
        ...

    def restart(self) -> None:
        """Drop what is there."""
        ...


class MemorySink:
    """A blob in memory: for small documents."""

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm
        self._data = bytearray()

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return len(self._data)

    @property
    def data(self) -> bytes:
        """All that is there."""
        return bytes(self._data)

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        self._data += data

    def hexdigest(self) -> str:
        """The digest of all that is there."""
        return hashlib.new(self._algorithm, self._data).hexdigest()

    def restart(self) -> None:
        """Drop what is there."""
        self._data.clear()


def download(repository: Repository, blob: Descriptor) -> Iterator[bytes]:
    """The content of a blob. What was yielded is only good if the iterator ends without an error.

    Raises `InputError` for another size or digest than the descriptor promises, `RegistryError` otherwise.
    """
    if blob.data is not None:
        yield blob.check(blob.data)
        return
    _refuse_unknown(blob)
    hasher = hashlib.new(blob.digest.algorithm)
    for piece in _pieces(repository, blob, 0):
        hasher.update(piece)
        yield piece
    _compare(repository, blob, hasher.hexdigest())


def download_into(repositories: Sequence[Repository], blob: Descriptor, sink: BlobSink) -> None:
    """Bring a blob into `sink` from the first repository that can give it, or the rest of it.

    Raises what the last one says: `InputError` for another size or digest than the descriptor promises, with an empty
    sink, else `RegistryError`. What came stays in the sink, for the next time.
    """
    if blob.data is not None:
        sink.restart()
        sink.write(blob.check(blob.data))
        return
    _refuse_unknown(blob)
    *others, last = repositories
    for repository in others:
        try:
            _download_from(repository, blob, sink)
        except (RegistryError, InputError) as error:
            repository.host.transport.notify(f"{error}; asking the next source")
        else:
            return
    _download_from(last, blob, sink)


def _download_from(repository: Repository, blob: Descriptor, sink: BlobSink) -> None:
    was_there = sink.size
    for piece in _pieces(repository, blob, was_there):
        sink.write(piece)
    try:
        _compare(repository, blob, sink.hexdigest())
    except InputError:
        sink.restart()
        if not was_there:
            raise
        # What was there may be to blame, from before a power cut or from another source.
        _download_from(repository, blob, sink)


def _refuse_unknown(blob: Descriptor) -> None:
    if blob.digest.algorithm not in ("sha256", "sha512"):
        raise InputError(f"{blob.digest}: cannot be verified, {blob.digest.algorithm} is not known here")


def _compare(repository: Repository, blob: Descriptor, found: str) -> None:
    if found != blob.digest.hex:
        raise InputError(
            f"{blob.digest}: what {repository.name.domain} sent has another digest, {blob.digest.algorithm}:{found}",
            hint="the registry, or something between it and us, damages its content",
        )


def _pieces(repository: Repository, blob: Descriptor, received: int) -> Iterator[bytes]:
    """What comes of a blob after the first `received` bytes, up to its full size."""
    if received and received == blob.size:
        return
    failures = 0
    can_resume = True
    while True:
        before = received
        problem = ConnectionFailure(f"{repository.name.domain}: the connection was lost")
        reply = _open(repository, blob, received if can_resume else 0)
        if reply is None:
            if not can_resume:
                break
            can_resume = False
            continue
        try:
            for piece in _rest(reply, blob, received):
                received += len(piece)
                if received > blob.size:
                    raise InputError(f"{blob.digest}: {blob.size} bytes were promised, but more come")
                yield piece
        except ConnectionFailure as error:
            problem = error
        finally:
            reply.close()
        if received == blob.size:
            break
        failures = 1 if received > before else failures + 1
        if failures >= repository.host.transport.attempts:
            raise problem
        wait = backoff(failures)
        repository.host.transport.notify(f"{problem} at byte {received} of {blob.size}; going on in {wait:.0f} s")
        repository.host.transport.pause(wait)
    if received != blob.size:
        raise InputError(f"{blob.digest}: {blob.size} bytes were promised, {received} came")


def _open(repository: Repository, blob: Descriptor, offset: int) -> Reply | None:
    """The answer that holds the blob from `offset` or from its start; None where there is nothing beyond `offset`."""
    reply = repository.host.request(
        "GET",
        f"{repository.path}/blobs/{blob.digest}",
        repository.pull_scopes,
        headers={"Range": f"bytes={offset}-"} if offset else {},
    )
    if reply.status == 416 and offset:
        reply.finish()
        return None
    if reply.status not in (200, 206):
        repository.fail(reply, f"blob {blob.digest} of {repository.name.familiar}")
    return reply


def _rest(reply: Reply, blob: Descriptor, received: int) -> Iterator[bytes]:
    """What comes after the bytes that we have, whether the server skips them or not."""
    length = reply.header("Content-Length")
    is_coded = reply.header("Content-Encoding").lower() not in ("", "identity")
    if reply.status == 206:
        match = _CONTENT_RANGE.fullmatch(reply.header("Content-Range"))
        start = int(match[1]) if match else -1
        if start > received or start < 0:
            raise RegistryError(f"{blob.digest}: asked for byte {received}, got {reply.header('Content-Range')!r}")
        skipped = received - start
    else:
        skipped = received
        if length.isdigit() and int(length) != blob.size and not is_coded:
            raise InputError(f"{blob.digest}: {blob.size} bytes were promised, {length} are offered")
    # Some servers call a compressed layer "encoded with gzip", as if it were to be unpacked on the way; where the
    # length is that of the blob, the bytes are the blob.
    decode = is_coded and reply.status == 200 and length != str(blob.size)
    for chunk in reply.chunks(_CHUNK, decode=decode):
        if skipped >= len(chunk):
            skipped -= len(chunk)
            continue
        piece = chunk[skipped:] if skipped else chunk
        skipped = 0
        yield piece
