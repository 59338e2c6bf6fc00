"""Build contexts as the recorded cases write them: rows of kind, path, content or target, mode."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

CONTEXT_TIME = 1_500_000_000
"""When every file of a context was changed, in seconds since 1970."""

ARCHIVE_TIME = 1_400_000_000
"""The same for the entries of archives."""

_COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}

Row = Sequence[Any]


def write_context(root: Path, rows: Iterable[Row]) -> None:
    """Write the files, then give all files and directories the same time."""
    root.mkdir(parents=True, exist_ok=True)
    for row in rows:
        path = root / row[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, row)
    set_times(root)


def set_times(root: Path) -> None:
    """Give all files and directories the time of a context."""
    for directory, directories, files in os.walk(root, topdown=False):
        for name in [*directories, *files]:
            os.utime(os.path.join(directory, name), (CONTEXT_TIME, CONTEXT_TIME), follow_symlinks=False)
    os.utime(root, (CONTEXT_TIME, CONTEXT_TIME))


def bytes_of(content: object) -> bytes:
    """Content as it is recorded: text, or an object with hexadecimal digits."""
    if isinstance(content, dict):
        return bytes.fromhex(content["$hex"])
    assert isinstance(content, str)
    return content.encode("utf-8", "surrogateescape")


def _write(path: Path, row: Row) -> None:
    match row[0]:
        case "file":
            path.write_bytes(bytes_of(row[2]))
            path.chmod(row[3])
        case "dir":
            path.mkdir(exist_ok=True)
            path.chmod(row[2] if len(row) > 2 else 0o755)
        case "symlink":
            path.symlink_to(row[2])
        case "fifo":
            os.mkfifo(path)
            path.chmod(0o644)
        case "tar":
            path.write_bytes(_COMPRESSIONS[row[2]](_archive(row[3])))
            path.chmod(0o644)
        case kind:
            raise ValueError(f"a context holds no {kind}")


def _archive(rows: Iterable[Row]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content, mode, uid, gid in rows:
            entry = tarfile.TarInfo(name.rstrip("/"))
            data = b"" if content is None else content.encode()
            entry.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            entry.mode, entry.uid, entry.gid, entry.mtime, entry.size = mode, uid, gid, ARCHIVE_TIME, len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()
