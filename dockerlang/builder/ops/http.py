"""ADD of a URL: one file, downloaded into the build's scratch space."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from dockerlang.builder.environment import Environment, Result
from dockerlang.builder.files import SourceFile
from dockerlang.builder.graph import HttpSource, key_of
from dockerlang.builder.lower.remote import file_name
from dockerlang.errors import InputError
from dockerlang.oci.tar import Entry, Kind

_CHUNK = 1 << 20
_TIMEOUT = 30.0


def fetch_url(source: HttpSource, environment: Environment) -> Result:
    """Download the file and hold it against its checksum. Raises `InputError` naming the URL and what went wrong."""
    path = environment.operation.scratch("download") / "file"
    digest, modified = download(source.url, path)
    expected = source.checksum.removeprefix("sha256:")
    if expected and expected != digest:
        raise InputError(
            f"{source.url} is not what it should be: its digest is sha256:{digest}", hint="correct --checksum"
        )
    return Result(key_of(["http", digest]), tree=DownloadedFile(file_name(source.url), path, digest, modified))


def download(url: str, path: Path) -> tuple[str, int]:
    """Download a file: its SHA-256, and when it was last changed (nanoseconds; 0 if nobody says).

    Raises `InputError` naming the URL and what went wrong.
    """
    import urllib3

    hasher = hashlib.sha256()
    pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=urllib3.Retry(3, backoff_factor=0.3))
    try:
        response = pool.request("GET", url, preload_content=False, decode_content=False)
        if response.status != 200:
            answer = f"{response.status} {response.reason or ''}".rstrip()
            raise InputError(f"{url} answers {answer}", hint="check the URL; a private one needs another way")
        with open(path, "wb") as file:
            for chunk in response.stream(_CHUNK):
                hasher.update(chunk)
                file.write(chunk)
        return hasher.hexdigest(), _modified(response.headers.get("Last-Modified", ""))
    except urllib3.exceptions.HTTPError as error:
        raise InputError(f"cannot download {url}: {error}") from None


def _modified(header: str) -> int:
    try:
        return max(int(parsedate_to_datetime(header).timestamp()), 0) * 10**9
    except (TypeError, ValueError):
        return 0


class DownloadedFile:
    """A `SourceTree` of one file."""

    def __init__(self, name: str, path: Path, digest: str, modified: int) -> None:
        self._path = path
        self._digest = digest
        entry = Entry(
            name.encode("utf-8", "surrogateescape"),
            Kind.FILE,
            mode=0o600,
            size=os.path.getsize(path),
            mtime_ns=modified,
        )
        self._file = SourceFile(entry, None, self._open, lambda: bytes.fromhex(self._digest))
        self._root = SourceFile(Entry(b"", Kind.DIRECTORY, mode=0o755), None, self._open, bytes)

    def get(self, path: bytes) -> SourceFile | None:
        if not path:
            return self._root
        return self._file if path == self._file.path else None

    def children(self, directory: bytes) -> Iterator[SourceFile]:
        return iter(() if directory else (self._file,))

    def prepare(self, files: list[SourceFile]) -> None:
        """Nothing to do: the digest was taken on the way."""

    def _open(self) -> BinaryIO:
        return open(self._path, "rb")
