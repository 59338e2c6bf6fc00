"""Makes the index of a layer while its archive goes by, applying the archive's entries in their order."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import BinaryIO

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer.index import LayerIndex
from dockerlang.oci.layer.paths import LONGEST_NAME, LONGEST_PATH, join, normalise, parents, resolve_in_root, split
from dockerlang.oci.layer.table import FOREIGN, EntryTable
from dockerlang.oci.layer.whiteouts import META_PREFIX, OPAQUE, PREFIX
from dockerlang.oci.tar import NO_XATTRS, Entry, Kind, Readable, TarLimits, printable, read_entries
from dockerlang.records import replace

_CHUNK = 1024 * 1024
# What an overlay mount keeps on the files of its upper directory, and what belongs to the machine's own policy.
_PRIVATE_XATTRS = (b"trusted.overlay.", b"user.overlay.", b"security.selinux")
_DEFAULT_LIMITS = TarLimits()


def index_layer(stream: Readable, limits: TarLimits = _DEFAULT_LIMITS, *, diff_id: Digest | None = None) -> LayerIndex:
    """Read an uncompressed archive to the very end of `stream`, once, and index it; the diff ID covers every byte.

    With `diff_id` it is known already, because somebody has hashed the very same bytes. What follows the end mark is
    hashed and otherwise ignored. Raises `InputError` for what is no archive or no valid layer: a truncated one, one
    with private entry types, with names that no file can have, or with a character device 0:0, which only overlay file
    systems understand.
    """
    source = _HashedStream(stream) if diff_id is None else _CountedStream(stream, diff_id)
    indexer = LayerIndexer()
    for entry, data, offset in read_entries(source, limits):
        indexer.add(entry, offset, sha256_of_data(data) if entry.kind is Kind.FILE else b"")
    while source.read(_CHUNK):
        pass
    return indexer.finish(source.digest, source.size)


def survey_layer(file: BinaryIO, diff_id: Digest, limits: TarLimits = _DEFAULT_LIMITS) -> LayerIndex:
    """The index of an uncompressed archive of known digest in a file, without the digests of its files' data.

    It is enough to know that the layer is valid, and how large it is; the data are not read. Raises as `index_layer`.
    """
    source = _SoughtStream(file)
    indexer = LayerIndexer()
    for entry, _, offset in read_entries(source, limits):
        indexer.add(entry, offset, b"")
    return indexer.finish(diff_id, source.size)


class HashedData:
    """The data of an entry for somebody else to read, and the digest of all of it."""

    def __init__(self, data: Readable) -> None:
        self._data = data
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """As that of the data."""
        found = self._data.read(size)
        self._hash.update(found)
        return found

    def digest(self) -> bytes:
        """The raw SHA-256, after what nobody has read was read."""
        while self.read(_CHUNK):
            pass
        return self._hash.digest()


def sha256_of_data(data: Readable) -> bytes:
    """The raw SHA-256 of all that `data` still holds."""
    digest = hashlib.sha256()
    while chunk := data.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()


def portable_xattrs(xattrs: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    """The extended attributes that belong to the image and not to the machine it was made on."""
    if not any(name.startswith(_PRIVATE_XATTRS) for name in xattrs):
        return xattrs
    return {name: value for name, value in xattrs.items() if not name.startswith(_PRIVATE_XATTRS)} or NO_XATTRS


class LayerIndexer:
    """Collects the entries of one layer; each acts on the files that came before it, as unpacking would."""

    def __init__(self) -> None:
        self._table = EntryTable()
        self._rows: dict[bytes, int] = {}
        # Every directory that is known, explicit or implied, with the names in it.
        self._names: dict[bytes, set[bytes]] = {b"": set()}
        self._whiteouts: set[bytes] = set()
        self._opaques: set[bytes] = set()
        self._duplicates: dict[bytes, None] = {}
        self._removed: set[int] = set()

    def add(self, entry: Entry, offset: int, sha256: bytes) -> None:
        """Apply one entry, whose data of digest `sha256` begins at `offset`; `InputError` where it is not valid."""
        path = normalise(entry.path)
        if PREFIX in path and self._add_whiteout(path):
            return
        if len(path) > LONGEST_NAME and (len(path) > LONGEST_PATH or max(map(len, path.split(b"/"))) > LONGEST_NAME):
            raise InputError(f"layer: a name is too long for any file system: {printable(path)}")
        if entry.kind is Kind.CHARACTER_DEVICE and not entry.dev_major and not entry.dev_minor:
            raise InputError(f"layer: {printable(path)}: a character device 0:0 is an overlay whiteout, not a file")
        if not path:
            if entry.kind is not Kind.DIRECTORY:
                raise InputError(f"layer: the root can only be a directory, not a {entry.kind.name.lower()}")
        else:
            path = self._place(path, is_directory=entry.kind is Kind.DIRECTORY)
        if path in self._rows:
            self._duplicates[path] = None
        link, target = entry.link, None
        if entry.kind is Kind.HARDLINK:
            link, target = self._link_target(path, normalise(link))
        if path != entry.path or link != entry.link or entry.xattrs:
            entry = replace(entry, path=path, link=link, xattrs=portable_xattrs(entry.xattrs))
        row = self._table.append(entry, offset, sha256)
        self._rows[path] = row
        if target is not None:
            self._table.targets[row] = target
        elif entry.kind is Kind.DIRECTORY:
            self._names.setdefault(path, set())

    def finish(self, diff_id: Digest, size: int) -> LayerIndex:
        """The index of all entries so far."""
        return LayerIndex(
            diff_id=diff_id,
            size=size,
            table=self._table,
            whiteouts=frozenset(self._whiteouts),
            opaques=frozenset(self._opaques),
            implied=frozenset(directory for directory in self._names if directory not in self._rows),
            duplicates=tuple(self._duplicates),
            removed=frozenset(self._removed),
        )

    def _add_whiteout(self, path: bytes) -> bool:
        """Note what an entry with a reserved name hides; False where the name is an ordinary one."""
        names = path.split(b"/")
        if any(name.startswith(META_PREFIX) for name in names[:-1]):
            return True
        if any(name.startswith(PREFIX) for name in names[:-1]):
            raise InputError(f"layer: {printable(path)}: a whiteout cannot be a directory")
        if not names[-1].startswith(PREFIX):
            return False
        directory = self._resolve(b"/".join(names[:-1]))
        hidden = names[-1].removeprefix(PREFIX)
        if hidden in (b"", b".", b".."):
            raise InputError(f"layer: {printable(path)}: a whiteout that names nothing")
        if names[-1] == OPAQUE:
            self._opaques.add(directory)
        elif not names[-1].startswith(META_PREFIX):
            self._whiteouts.add(join(directory, hidden))
        else:
            return True
        # As every engine does: what holds a whiteout is a directory of this layer.
        self._make_directory(directory)
        return True

    def _place(self, path: bytes, *, is_directory: bool) -> bytes:
        """Where `path` comes to lie, with its directory made and what was there before removed as needed."""
        directory, name = split(path)
        names = self._names.get(directory)
        if names is None:
            # The text of the name says where the entry goes unless a link of this very layer leads elsewhere.
            directory = self._resolve(directory)
            names = self._make_directory(directory)
            path = join(directory, name)
        if name not in names:
            names.add(name)
        elif not is_directory and path in self._names:
            self._remove_below(path)
        return path

    def _make_directory(self, path: bytes) -> set[bytes]:
        """The names in a directory, which comes to be with all above it where there was nothing."""
        for directory in (*parents(path), path):
            if directory not in self._names:
                if directory in self._rows:
                    raise InputError(f"layer: {printable(directory)} is no directory, but other entries lie below it")
                above, name = split(directory)
                self._names[above].add(name)
                self._names[directory] = set()
        return self._names[path]

    def _remove_below(self, path: bytes) -> None:
        """Forget the directory `path` and all in it: a file or link takes its place."""
        pending = [path]
        while pending:
            directory = pending.pop()
            for name in self._names.pop(directory):
                child = join(directory, name)
                if child in self._names:
                    pending.append(child)
                row = self._rows.pop(child, None)
                if row is not None:
                    self._removed.add(row)

    def _link_target(self, path: bytes, link: bytes) -> tuple[bytes, int]:
        """The path that a hard link names and the row of the file there."""
        row = self._rows.get(link)
        if row is None:
            directory, name = split(link)
            row = self._rows.get(join(self._resolve(directory), name))
        if link == path:
            raise InputError(f"layer: {printable(path)}: a hard link to itself")
        if row is None:
            return link, FOREIGN
        if self._table.kind(row) is Kind.DIRECTORY:
            raise InputError(f"layer: {printable(path)}: a hard link to a directory, {printable(link)}")
        target = self._table.targets.get(row, row)
        # A link to a link to a file of the layers below is one more link to that file.
        return (self._table.links[row] if target == FOREIGN else link), target

    def _resolve(self, path: bytes) -> bytes:
        """A directory's path with the links of this layer followed; those of layers below are the tree's business."""
        return path if path in self._names else resolve_in_root(path, self._symlink_at)

    def _symlink_at(self, path: bytes) -> bytes | None:
        row = self._rows.get(path)
        if row is None:
            return None
        row = self._table.targets.get(row, row)
        return self._table.links[row] if row != FOREIGN and self._table.kind(row) is Kind.SYMLINK else None


class _CountedStream:
    """A stream of known digest with the length of what was read from it."""

    def __init__(self, stream: Readable, digest: Digest) -> None:
        self._read = stream.read
        self.digest = digest
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._read(size)
        self.size += len(data)
        return data


class _SoughtStream:
    """A file that is read where somebody looks at it only."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._position = 0
        self.size = file.seek(0, os.SEEK_END)
        file.seek(0)

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._position += len(data)
        return data

    def skip(self, size: int, /) -> None:
        self._position += size
        if self._position > self.size:
            raise InputError("tar archive: ends in the middle of a file")
        self._file.seek(size, os.SEEK_CUR)


class _HashedStream:
    """A stream with the digest and the length of what was read from it."""

    def __init__(self, stream: Readable) -> None:
        self._read = stream.read
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> Digest:
        return Digest("sha256", self._hash.hexdigest())

    def read(self, size: int = -1, /) -> bytes:
        data = self._read(size)
        self._hash.update(data)
        self.size += len(data)
        return data
