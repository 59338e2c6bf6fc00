"""The entries of a layer as columns, so that the index of many thousands of files is read in milliseconds."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dockerlang.errors import InputError
from dockerlang.oci.tar import NO_XATTRS, Entry, Kind

_KINDS = tuple(Kind)
_CODES = {kind: code for code, kind in enumerate(_KINDS)}
_DIGEST_SIZE = 32
_NO_DIGEST = bytes(_DIGEST_SIZE)

FOREIGN = -1


@dataclass(slots=True)
class EntryTable:
    """A row for each entry in the order of the archive. What few entries have is kept by row number."""

    paths: list[bytes] = field(default_factory=list)
    kinds: bytearray = field(default_factory=bytearray)
    modes: array[int] = field(default_factory=lambda: array("H"))
    uids: array[int] = field(default_factory=lambda: array("I"))
    gids: array[int] = field(default_factory=lambda: array("I"))
    sizes: array[int] = field(default_factory=lambda: array("Q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    digests: bytearray = field(default_factory=bytearray)
    links: dict[int, bytes] = field(default_factory=dict)
    devices: dict[int, tuple[int, int]] = field(default_factory=dict)
    xattrs: dict[int, Mapping[bytes, bytes]] = field(default_factory=dict)
    targets: dict[int, int] = field(default_factory=dict)
    """The row of the file that a hard link names; `FOREIGN` for one of the layers below."""

    def __len__(self) -> int:
        return len(self.paths)

    def append(self, entry: Entry, offset: int, sha256: bytes) -> int:
        """Add a row and return its number."""
        row = len(self.paths)
        self.paths.append(entry.path)
        self.kinds.append(_CODES[entry.kind])
        self.modes.append(entry.mode)
        self.uids.append(entry.uid)
        self.gids.append(entry.gid)
        self.sizes.append(entry.size)
        self.times.append(entry.mtime_ns)
        self.offsets.append(offset)
        self.digests += sha256 or _NO_DIGEST
        if entry.link:
            self.links[row] = entry.link
        if entry.dev_major or entry.dev_minor:
            self.devices[row] = entry.dev_major, entry.dev_minor
        if entry.xattrs:
            self.xattrs[row] = dict(sorted(entry.xattrs.items()))
        return row

    def kind(self, row: int) -> Kind:
        """The type of the file in a row, as the archive has it."""
        return _KINDS[self.kinds[row]]

    def entry(self, row: int, path: bytes | None = None) -> Entry:
        """The entry of a row, under another path if one is given."""
        major, minor = self.devices.get(row, (0, 0))
        return Entry(
            self.paths[row] if path is None else path,
            _KINDS[self.kinds[row]],
            self.modes[row],
            self.uids[row],
            self.gids[row],
            self.sizes[row],
            self.times[row],
            self.links.get(row, b""),
            major,
            minor,
            self.xattrs.get(row, NO_XATTRS),
        )

    def sha256(self, row: int) -> bytes:
        """The raw digest of a file's data; empty for all but files."""
        if self.kinds[row] != _CODES[Kind.FILE]:
            return b""
        return bytes(self.digests[row * _DIGEST_SIZE : (row + 1) * _DIGEST_SIZE])

    def sections(self) -> list[bytes]:
        """The table as byte strings, of which `from_sections` makes it again."""
        xattr_rows = [(row, name, value) for row, pairs in self.xattrs.items() for name, value in pairs.items()]
        return [
            join_names(self.paths),
            bytes(self.kinds),
            *(_to_little_endian(column) for column in self._numbers()),
            bytes(self.digests),
            write_rows(self.links),
            join_names(self.links.values()),
            write_rows(number for row, device in self.devices.items() for number in (row, *device)),
            write_rows(row for row, _, _ in xattr_rows),
            join_names(name for _, name, _ in xattr_rows),
            write_rows(len(value) for _, _, value in xattr_rows),
            b"".join(value for _, _, value in xattr_rows),
            write_rows(row for pair in self.targets.items() for row in (pair[0], pair[1] & 0xFFFFFFFF)),
        ]

    @staticmethod
    def from_sections(sections: list[bytes]) -> EntryTable:
        """The inverse of `sections`; `InputError` where they do not belong together."""
        table = EntryTable()
        paths, kinds, *numbers = sections[:8]
        digests, link_rows, links, devices, xattr_rows, xattr_names, xattr_sizes, xattr_values, targets = sections[8:]
        table.paths = split_names(paths)
        table.kinds = bytearray(kinds)
        for column, data in zip(table._numbers(), numbers, strict=True):
            _fill(column, data)
        table.digests = bytearray(digests)
        table.links = dict(zip(read_rows(link_rows), split_names(links), strict=True))
        device_numbers = read_rows(devices)
        table.devices = {
            row: (major, minor)
            for row, major, minor in zip(device_numbers[::3], device_numbers[1::3], device_numbers[2::3], strict=True)
        }
        table._read_xattrs(read_rows(xattr_rows), split_names(xattr_names), read_rows(xattr_sizes), xattr_values)
        target_rows = read_rows(targets)
        table.targets = {
            row: FOREIGN if target == 0xFFFFFFFF else target
            for row, target in zip(target_rows[::2], target_rows[1::2], strict=True)
        }
        lengths = {len(table.kinds), len(table.digests) // _DIGEST_SIZE, *map(len, table._numbers())}
        if lengths != {len(table.paths)}:
            raise InputError("layer index: its columns have different lengths")
        return table

    def _numbers(self) -> tuple[array[int], ...]:
        return self.modes, self.uids, self.gids, self.sizes, self.times, self.offsets

    def _read_xattrs(self, rows: array[int], names: list[bytes], sizes: array[int], values: bytes) -> None:
        at = 0
        xattrs: dict[int, dict[bytes, bytes]] = {}
        for row, name, size in zip(rows, names, sizes, strict=True):
            xattrs.setdefault(row, {})[name] = values[at : at + size]
            at += size
        self.xattrs = dict(xattrs)


def join_names(names: Iterable[bytes]) -> bytes:
    """Names, which never hold a NUL, as one byte string."""
    return b"".join(name + b"\0" for name in names)


def split_names(data: bytes) -> list[bytes]:
    """The inverse of `join_names`."""
    return data.split(b"\0")[:-1]


def read_rows(data: bytes) -> array[int]:
    """The inverse of `write_rows`."""
    rows = array("I")
    _fill(rows, data)
    return rows


def write_rows(rows: Iterable[int]) -> bytes:
    """Row numbers as one byte string."""
    return _to_little_endian(array("I", rows))


def _fill(column: array[int], data: bytes) -> None:
    column.frombytes(data)
    if sys.byteorder == "big":
        column.byteswap()


def _to_little_endian(column: array[int]) -> bytes:
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()
