"""The files that went into a step, in a few bytes each, so that a later build can say which of them changed.

A list is no part of any key: it is kept beside a step's record, up to a size, and only read when a step was not found.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from hashlib import sha256

from dockerlang.records import record

MAX_FILES = 50_000
"""A list of more files is not kept: what changed is then only known as a whole."""
_DIGEST = 12
_OF_CONTENT = 8


class FileList:
    """Collects files: each with its attributes (as one string) and the digest of its content."""

    def __init__(self) -> None:
        self._files: dict[bytes, bytes] = {}

    def add(self, path: bytes, attributes: bytes, content: bytes) -> None:
        """Note one file. `content` is a SHA-256, or empty for what has none."""
        if len(self._files) <= MAX_FILES:
            digest = sha256(attributes).digest()[: _DIGEST - _OF_CONTENT]
            self._files[path] = digest + content[:_OF_CONTENT].ljust(_OF_CONTENT, b"\0")

    def pack(self) -> bytes | None:
        """The list for storing; None where there is none, or where it is too long."""
        if not self._files or len(self._files) > MAX_FILES:
            return None
        return zlib.compress(b"".join(digest + path + b"\0" for path, digest in self._files.items()), 1)


@record
class FileChanges:
    """The differences between two lists, each sorted. `attributes` are files with the same content but another mode."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    attributes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.added) + len(self.removed) + len(self.changed) + len(self.attributes)


def compare(before: bytes, after: bytes) -> FileChanges:
    """What differs between two packed lists."""
    old, new = _unpack(before), _unpack(after)
    both = [path for path in new if path in old and old[path] != new[path]]
    content = [path for path in both if old[path][-_OF_CONTENT:] != new[path][-_OF_CONTENT:]]
    return FileChanges(
        _shown(path for path in new if path not in old),
        _shown(path for path in old if path not in new),
        _shown(content),
        _shown(set(both).difference(content)),
    )


def _unpack(packed: bytes) -> Mapping[bytes, bytes]:
    data = zlib.decompress(packed)
    files: dict[bytes, bytes] = {}
    at = 0
    while at < len(data):
        # A digest may hold any byte: only what follows it ends at the next zero.
        end = data.index(b"\0", at + _DIGEST)
        files[data[at + _DIGEST : end]] = data[at : at + _DIGEST]
        at = end + 1
    return files


def _shown(paths: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(sorted(path.decode("utf-8", "replace") or "." for path in paths))
