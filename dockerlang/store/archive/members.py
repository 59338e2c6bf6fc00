"""The files of an image archive, wherever they come from: a stream of a tar, compressed or not, or a directory.

A stream meets its table of contents last, so all its files are spooled to ingest/ first, hashed as they come. Their
names never touch the file system: they are keys, and one that leads outside the archive refuses it as a whole.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from dockerlang.errors import InputError, LimitError
from dockerlang.oci.compression import open_decompressed
from dockerlang.oci.tar import Kind, Readable, read_entries
from dockerlang.store.blobs import CHUNK, BlobWriter, StagedBlob

DOCUMENT_LIMIT = 4 << 20
"""The largest document (a manifest, a table of contents) that is read, in bytes."""
_LINK_LIMIT = 10


class Members(Protocol):
    """The files of an archive by name; names are relative paths as the archive's documents write them."""

    def get(self, name: str) -> StagedBlob | None:
        """The file, staged in ingest/; None where the archive has none of that name."""
        ...


def read_document(members: Members, name: str) -> bytes | None:
    """The content of a small file; None where there is none of that name, `LimitError` for a large one."""
    blob = members.get(name)
    return None if blob is None else document(blob, name)


def document(blob: StagedBlob, name: str) -> bytes:
    """The content of a staged file that is to be a small document."""
    if blob.size > DOCUMENT_LIMIT:
        raise LimitError(f"archive: {name} has {blob.size} bytes, at most {DOCUMENT_LIMIT} are read")
    return blob.path.read_bytes()


class SpooledMembers:
    """The files of a tar stream, all of them in ingest/."""

    def __init__(self, files: dict[str, StagedBlob], links: dict[str, str]) -> None:
        self._files = files
        self._links = links

    def get(self, name: str) -> StagedBlob | None:
        """As `Members.get`; links, which old versions of docker write for equal layers, are followed."""
        path = normal_name(name)
        for _ in range(_LINK_LIMIT):
            if path not in self._links:
                return self._files.get(path)
            path = self._links[path]
        raise InputError(f"archive: {name} is a link that leads nowhere")


def spool(stream: Readable, ingest: Path) -> SpooledMembers:
    """Read a whole tar stream, uncompressed or of any compression, into ingest/.

    Raises `InputError` for anything else, for one that ends early, and for a name that leads outside the archive.
    """
    files: dict[str, StagedBlob] = {}
    links: dict[str, str] = {}
    with open_decompressed(stream) as plain:
        for entry, data, _ in read_entries(plain):
            name = normal_name(os.fsdecode(entry.path))
            target = os.fsdecode(entry.link)
            if entry.kind is Kind.FILE:
                links.pop(name, None)
                files[name] = _copy(data, ingest)
            elif entry.kind is Kind.SYMLINK:
                links[name] = _link_target(name, target)
            elif entry.kind is Kind.HARDLINK:
                links[name] = normal_name(target)
        while plain.read(CHUNK):
            pass  # A damaged end of the compressed stream shows only there.
    return SpooledMembers(files, links)


class DirectoryMembers:
    """The files of a directory, copied to ingest/ when they are asked for."""

    def __init__(self, directory: Path, ingest: Path) -> None:
        self._directory = directory.resolve()
        self._ingest = ingest
        self._staged: dict[str, StagedBlob] = {}

    def get(self, name: str) -> StagedBlob | None:
        """As `Members.get`; `InputError` for a link that leads out of the directory."""
        name = normal_name(name)
        if name not in self._staged:
            path = (self._directory / name).resolve()
            if not path.is_relative_to(self._directory):
                raise _outside(name)
            if not path.is_file():
                return None
            with path.open("rb") as file:
                self._staged[name] = _copy(file, self._ingest)
        return self._staged[name]


def normal_name(name: str) -> str:
    """A member's name without `.` and doubled slashes; `InputError` for one that is absolute or holds `..`."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts:
        raise _outside(name)
    return "/".join(parts)


def _link_target(name: str, target: str) -> str:
    """Where a symbolic link leads, from the archive's root."""
    parts = name.split("/")[:-1]
    for part in target.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part == ".." or target.startswith("/"):
            raise _outside(f"{name} -> {target}")
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _copy(data: Readable, ingest: Path) -> StagedBlob:
    with BlobWriter(ingest) as writer:
        while chunk := data.read(CHUNK):
            writer.write(chunk)
        return writer.close()


def _outside(name: str) -> InputError:
    return InputError(f"archive: {name!r} leads outside the archive")
