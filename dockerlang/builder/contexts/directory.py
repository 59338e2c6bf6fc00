"""A directory on disk as a build context, less what its ignore file hides.

Directories are read when something asks for what is in them, and what is ignored as a whole is never entered. The
digests of files are remembered by size, times and inode, so that an unchanged file is read once in its life.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from dockerlang.builder.files import SourceFile
from dockerlang.errors import InputError
from dockerlang.oci.tar import Entry, Kind
from dockerlang.semantics.ignore import IgnoreFile
from dockerlang.store.build_cache import BuildCache
from dockerlang.store.cache_records import FileKey

_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFIFO: Kind.FIFO,
    stat.S_IFCHR: Kind.CHARACTER_DEVICE,
    stat.S_IFBLK: Kind.BLOCK_DEVICE,
}
_CHUNK = 1 << 20


class ContextFiles:
    """A directory as a `SourceTree`: owners are root's, modes, times and extended attributes the files' own."""

    def __init__(self, root: Path, ignore: IgnoreFile | None, cache: BuildCache) -> None:
        self.place = str(root)
        self.ignore = ignore
        self._top = os.fsencode(root)
        self._cache = cache
        self._known: dict[bytes, SourceFile | None] = {}
        self._directories: dict[bytes, tuple[SourceFile, ...]] = {}
        self._keys: dict[bytes, FileKey] = {}
        self._digests: dict[FileKey, bytes] = {}
        self._computed: dict[FileKey, bytes] = {}

    def get(self, path: bytes) -> SourceFile | None:
        if path not in self._known:
            self._known[path] = self._look(path)
        return self._known[path]

    def children(self, directory: bytes) -> Iterator[SourceFile]:
        found = self._directories.get(directory)
        if found is None:
            found = self._directories[directory] = tuple(self._scan(directory))
        return iter(found)

    def prepare(self, files: list[SourceFile]) -> None:
        """Look up the remembered digests of many files at once."""
        keys = [self._keys[file.path] for file in files if file.path in self._keys]
        missing = [key for key in keys if key not in self._digests]
        self._digests.update(self._cache.file_hashes(missing))

    def remember(self) -> None:
        """Write the digests that were computed to the cache."""
        self._cache.remember_file_hashes(self._computed)

    def hidden_by(self, path: bytes) -> str:
        """The ignore line that hides a path which exists on disk, for messages; empty where none does."""
        if self.ignore is None or not os.path.lexists(os.path.join(self._top, path)):
            return ""
        decision = self.ignore.decide(path.decode("utf-8", "surrogateescape"))
        return decision.describe() if decision is not None and decision.is_ignored else ""

    def _look(self, path: bytes) -> SourceFile | None:
        if not path:
            # The root itself is no part of the context.
            return SourceFile(Entry(path, Kind.DIRECTORY, mode=0o755), None, BytesIO, bytes)
        try:
            status = os.lstat(os.path.join(self._top, path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        if self._is_hidden(path, is_directory=stat.S_ISDIR(status.st_mode)):
            return None
        return self._file(path, status)

    def _is_hidden(self, path: bytes, *, is_directory: bool) -> bool:
        if self.ignore is None:
            return False
        text = path.decode("utf-8", "surrogateescape")
        if not self.ignore.is_ignored(text):
            return False
        # An ignored directory is still there for what an exception below it brings back.
        return not is_directory or self.ignore.can_prune(text) or not any(self.children(path))

    def _scan(self, directory: bytes) -> Iterator[SourceFile]:
        try:
            names = sorted(os.listdir(os.path.join(self._top, directory)))
        except OSError as error:
            shown = os.fsdecode(os.path.join(self._top, directory))
            raise InputError(f"cannot read the directory {shown}: {error.strerror}") from None
        for name in names:
            path = directory + b"/" + name if directory else name
            file = self.get(path)
            if file is not None:
                yield file

    def _file(self, path: bytes, status: os.stat_result) -> SourceFile | None:
        kind = _KINDS.get(stat.S_IFMT(status.st_mode))
        if kind is None:
            return None
        full = os.path.join(self._top, path)
        entry = Entry(
            path=path,
            kind=kind,
            mode=stat.S_IMODE(status.st_mode),
            size=status.st_size if kind is Kind.FILE else 0,
            mtime_ns=max(status.st_mtime_ns, 0),
            link=os.readlink(full) if kind is Kind.SYMLINK else b"",
            dev_major=os.major(status.st_rdev) if kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE) else 0,
            dev_minor=os.minor(status.st_rdev) if kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE) else 0,
            xattrs=_xattrs(full),
        )
        inode = (status.st_dev, status.st_ino) if kind is Kind.FILE and status.st_nlink > 1 else None
        if kind is Kind.FILE:
            self._keys[path] = FileKey.of(full, status)
        return SourceFile(entry, inode, lambda: self._open(full), lambda: self._digest(path))

    def _open(self, full: bytes) -> BinaryIO:
        try:
            return open(full, "rb")
        except OSError as error:
            raise InputError(f"cannot read {os.fsdecode(full)}: {error.strerror}") from None

    def _digest(self, path: bytes) -> bytes:
        key = self._keys.get(path)
        if key is None:
            return b""
        digest = self._digests.get(key)
        if digest is None:
            hasher = hashlib.sha256()
            with self._open(os.path.join(self._top, path)) as stream:
                while chunk := stream.read(_CHUNK):
                    hasher.update(chunk)
            digest = self._digests[key] = self._computed[key] = hasher.digest()
        return digest


def _xattrs(path: bytes) -> dict[bytes, bytes]:
    try:
        names = os.listxattr(path, follow_symlinks=False)
        return {
            os.fsencode(name): os.getxattr(path, name, follow_symlinks=False)
            for name in names
            if name.startswith("user.") or name == "security.capability"
        }
    except OSError:
        # The file system has none.
        return {}
