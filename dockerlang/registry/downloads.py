"""Blobs out of a registry, in pieces that are handed on as they come and verified as a whole at the end.

A cut line costs nothing but the wait: the download goes on where it stopped (`Range`), and whoever gets further on each
attempt may go on for ever.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from dockerlang.errors import InputError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.registry.errors import ConnectionFailure, RegistryError
from dockerlang.registry.repository import Repository
from dockerlang.registry.transport import Reply, backoff

_CHUNK = 256 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


def download(repository: Repository, blob: Descriptor) -> Iterator[bytes]:
    """The content of a blob. What was yielded is only good if the iterator ends without an error.

    Raises `InputError` for another size or digest than the descriptor promises, `RegistryError` otherwise.
    """
    if blob.data is not None:
        yield blob.check(blob.data)
        return
    if blob.digest.algorithm not in ("sha256", "sha512"):
        raise InputError(f"{blob.digest}: cannot be verified, {blob.digest.algorithm} is not known here")
    hasher = hashlib.new(blob.digest.algorithm)
    received, failures = 0, 0
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
                hasher.update(piece)
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
    if hasher.hexdigest() != blob.digest.hex:
        raise InputError(
            f"{blob.digest}: what {repository.name.domain} sent has another digest, {hasher.name}:{hasher.hexdigest()}",
            hint="the registry, or something between it and us, damages its content",
        )


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
