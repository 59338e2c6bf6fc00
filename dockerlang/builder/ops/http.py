"""ADD of a URL: one file, downloaded into the build's scratch space."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dockerlang.builder.environment import Environment, Result
from dockerlang.builder.files import SourceFile
from dockerlang.builder.graph import HttpSource, key_of
from dockerlang.builder.lower.remote import file_name
from dockerlang.builder.ops.downloading import download, without_credentials
from dockerlang.errors import InputError
from dockerlang.oci.tar import Entry, Kind


def fetch_url(source: HttpSource, environment: Environment) -> Result:
    """Download the file and hold it against its checksum. Raises `InputError` naming the URL and what went wrong."""
    path = environment.operation.scratch("download") / "file"
    found = download(source.url, path)
    expected = source.checksum.removeprefix("sha256:")
    if expected and expected != found.sha256:
        raise InputError(
            f"{without_credentials(source.url)} is not what it should be: its digest is sha256:{found.sha256}",
            hint="if that is the file you mean, correct --checksum",
        )
    tree = DownloadedFile(file_name(source.url), path, found.sha256, found.modified or 0)
    return Result(key_of(["http", found.sha256]), tree=tree)


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
