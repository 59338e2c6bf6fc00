"""The table of contents of one layer: which files it brings and hides, and where in the archive their data lies."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer.paths import join, parents, split
from dockerlang.oci.layer.table import FOREIGN, EntryTable, join_names, read_rows, split_names, write_rows
from dockerlang.oci.layer.whiteouts import OPAQUE
from dockerlang.oci.tar import Entry, Kind
from dockerlang.records import record, replace

_MAGIC = b"layer index 1\n"
_PREAMBLE = struct.Struct("<14sI")
_COUNTED = struct.Struct("<Q")


@record
class IndexedEntry:
    """One file of a layer. `entry.path` is normalised: relative, no `.`, `..` or slash at its ends; the root is empty.

    `offset` is where the data begins in the uncompressed archive, `sha256` the raw digest of the data (32 bytes for a
    file, else empty). `number` tells the files of the layer apart. A hard link has the attributes, offset, digest and
    number of the file that it names; one to a file of the layers below has the number -1 and no data.
    """

    entry: Entry
    offset: int
    sha256: bytes
    number: int


@record(caches=True)
class LayerIndex:
    """What one layer holds. Paths are normalised everywhere.

    `size` is the length of the uncompressed archive in bytes with all that follows its end mark, and `diff_id` the
    digest of just that. `whiteouts` are the hidden paths, `opaques` the directories that hide what is below them in
    lower layers, `implied` the directories that the archive has files or whiteouts in but no entry for. `duplicates`
    are paths that stand in the archive more than once; the last one counts.
    """

    diff_id: Digest
    size: int
    table: EntryTable
    whiteouts: frozenset[bytes]
    opaques: frozenset[bytes]
    implied: frozenset[bytes]
    duplicates: tuple[bytes, ...]
    removed: frozenset[int]
    """Rows of files whose directory was replaced later in the archive; hard links may still name them."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[IndexedEntry]:
        """The entries in the order of the archive, without whiteouts and without what the archive itself replaces."""
        rows = self.rows
        for row, path in enumerate(self.table.paths):
            if rows.get(path) == row:
                yield self.at(row)

    def get(self, path: bytes) -> IndexedEntry | None:
        """The entry at a normalised path; None where the layer has none, as for an implied directory."""
        row = self.rows.get(path)
        return None if row is None else self.at(row)

    def at(self, row: int) -> IndexedEntry:
        """The entry of a row of the table."""
        table = self.table
        target = table.targets.get(row)
        if target is None:
            return IndexedEntry(table.entry(row), table.offsets[row], table.sha256(row), row)
        link = table.entry(row)
        if target == FOREIGN:
            return IndexedEntry(link, 0, b"", FOREIGN)
        entry = replace(table.entry(target), path=link.path, kind=Kind.HARDLINK, link=link.link)
        return IndexedEntry(entry, table.offsets[target], table.sha256(target), target)

    @cached_property
    def rows(self) -> dict[bytes, int]:
        """The row that counts for each path."""
        paths = self.table.paths
        rows = dict(zip(paths, range(len(paths)), strict=True))
        for row in self.removed:
            if rows.get(paths[row]) == row:
                del rows[paths[row]]
        return rows

    @cached_property
    def names(self) -> dict[bytes, tuple[bytes, ...]]:
        """The names that the layer has in each directory, sorted."""
        names: dict[bytes, list[bytes]] = {}
        for path in (*self.rows, *self.implied):
            if path:
                directory, name = split(path)
                names.setdefault(directory, []).append(name)
        return {directory: tuple(sorted(found)) for directory, found in names.items()}

    @property
    def foreign_links(self) -> list[int]:
        """The rows of hard links to files of the layers below."""
        return [row for row, target in self.table.targets.items() if target == FOREIGN]

    def moved(self, move: Callable[[bytes], bytes]) -> LayerIndex:
        """The same files, each under the path that `move` makes of its own."""
        table = replace(self.table, paths=[move(path) for path in self.table.paths])
        moved = replace(
            self,
            table=table,
            whiteouts=frozenset(map(move, self.whiteouts)),
            opaques=frozenset(split(move(join(path, OPAQUE)))[0] for path in self.opaques),
            implied=frozenset(),
        )
        inhabited = {parent for path in (*moved.rows, *moved.whiteouts) for parent in parents(path)}
        inhabited.update(parent for path in moved.opaques for parent in (*parents(path), path))
        return replace(moved, implied=frozenset(inhabited - moved.rows.keys()))

    def to_bytes(self) -> bytes:
        """A compact form, for a cache next to the layer."""
        sections = [
            str(self.diff_id).encode(),
            _COUNTED.pack(self.size),
            join_names(sorted(self.whiteouts)),
            join_names(sorted(self.opaques)),
            join_names(sorted(self.implied)),
            join_names(self.duplicates),
            write_rows(sorted(self.removed)),
            *self.table.sections(),
        ]
        body = b"".join(_COUNTED.pack(len(section)) + section for section in sections)
        return _PREAMBLE.pack(_MAGIC, zlib.crc32(body)) + body

    @staticmethod
    def from_bytes(data: bytes) -> LayerIndex:
        """The inverse of `to_bytes`; `InputError` for a damaged file or one of another version."""
        if len(data) < _PREAMBLE.size or _PREAMBLE.unpack_from(data) != (_MAGIC, zlib.crc32(data[_PREAMBLE.size :])):
            raise InputError("layer index: damaged, or written by another version")
        diff_id, size, whiteouts, opaques, implied, duplicates, removed, *table = _sections(data, _PREAMBLE.size)
        return LayerIndex(
            diff_id=Digest.parse(diff_id.decode()),
            size=_COUNTED.unpack(size)[0],
            table=EntryTable.from_sections(table),
            whiteouts=frozenset(split_names(whiteouts)),
            opaques=frozenset(split_names(opaques)),
            implied=frozenset(split_names(implied)),
            duplicates=tuple(split_names(duplicates)),
            removed=frozenset(read_rows(removed)),
        )


def _sections(data: bytes, at: int) -> Iterator[bytes]:
    while at < len(data):
        (length,) = _COUNTED.unpack_from(data, at)
        at += _COUNTED.size
        yield data[at : at + length]
        at += length
