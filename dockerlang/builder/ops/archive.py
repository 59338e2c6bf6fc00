"""ADD of an archive: its entries become files of the destination, which is always a directory."""

from __future__ import annotations

import io
import os
import posixpath
import tempfile
from typing import BinaryIO

from dockerlang.builder.files import SourceFile, normalise
from dockerlang.builder.workspace import Workspace
from dockerlang.errors import InputError
from dockerlang.oci.compression import Compression, detect, open_decompressed
from dockerlang.oci.tar import Entry, Kind, read_entries
from dockerlang.records import replace

_BLOCK = 512
_CHECKSUM = slice(148, 156)


def unpack_archive(file: SourceFile, target: bytes, workspace: Workspace, owner: tuple[int, int] | None) -> bool:
    """Unpack `file` below `target` if it is a tar archive, compressed or not, whatever its name; False if it is none.

    Owner, mode and time are the archive's unless `owner` is given. No entry is written outside the root: `..` stops
    at the destination, and links are followed inside the root only.
    """
    with file.open() as stream:
        archive = _archive_in(stream)
        if archive is None:
            return False
        root = workspace.make_directories(target, uid=owner[0] if owner else 0, gid=owner[1] if owner else 0)
        data = _Spool(archive)
        for entry, _, offset in read_entries(data.stream):
            _put(entry, data, offset, root, workspace, owner)
    return True


def _archive_in(stream: BinaryIO) -> BinaryIO | None:
    """A stream of the archive that `stream` holds, whose first block is a valid header; None where there is none."""
    head = stream.read(_BLOCK)
    stream.seek(0)
    if detect(head) is Compression.NONE:
        return stream if is_header(head) else None
    try:
        if not is_header(open_decompressed(stream).read(_BLOCK)):
            return None
    except InputError:
        return None
    stream.seek(0)
    return open_decompressed(stream)


def is_header(block: bytes) -> bool:
    """Whether a block of 512 bytes begins an entry of a tar archive."""
    if len(block) < _BLOCK or not any(block):
        return False
    try:
        written = int(block[_CHECKSUM].strip(b" \0") or b"0", 8)
    except ValueError:
        return False
    return written == sum(block) - sum(block[_CHECKSUM]) + len(b" " * 8) * ord(" ")


class _Spool:
    """The archive in a nameless temporary file, so that data can be read after the entries."""

    def __init__(self, archive: BinaryIO) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the openers that point into it
        while chunk := archive.read(1 << 20):
            self._file.write(chunk)
        self._file.seek(0)
        self.stream: BinaryIO = self._file

    def read(self, offset: int, size: int) -> BinaryIO:
        return io.BytesIO(os.pread(self._file.fileno(), size, offset))


def _put(
    entry: Entry, data: _Spool, offset: int, root: bytes, workspace: Workspace, owner: tuple[int, int] | None
) -> None:
    inner = normalise(entry.path)
    if not inner:
        return
    directory, name = posixpath.split(inner)
    below = b"/".join(part for part in (root, directory) if part)
    parent = workspace.make_directories(below)
    path = parent + b"/" + name if parent else name
    entry = replace(entry, path=path)
    if owner is not None:
        entry = replace(entry, uid=owner[0], gid=owner[1])
    if entry.kind is Kind.HARDLINK:
        _put_link(entry, root, workspace)
        return
    existing = workspace.get(path)
    if entry.kind is Kind.DIRECTORY and existing is not None and existing.kind is not Kind.DIRECTORY:
        raise InputError(f"the archive has a directory where /{path.decode('utf-8', 'replace')} is a file")
    size = entry.size
    workspace.put(entry, (lambda: data.read(offset, size)) if entry.kind is Kind.FILE else b"")


def _put_link(entry: Entry, root: bytes, workspace: Workspace) -> None:
    link = normalise(entry.link)
    target = workspace.resolve(b"/".join(part for part in (root, link) if part))
    if not workspace.link(target, entry.path):
        shown = entry.link.decode("utf-8", "replace")
        raise InputError(f"the archive has a hard link to `{shown}`, which it does not hold")
