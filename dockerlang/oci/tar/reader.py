"""Reads tar archives of every common format from a stream, without seeking and within limits.

Understood are ustar, PAX, GNU (long names, numbers in base 256), star and the headers of Unix version 7. Sparse files,
the members of multi-volume archives and other private types are refused: they do not stand for a file of a layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlang.errors import InputError, LimitError
from dockerlang.oci.tar import pax
from dockerlang.oci.tar.entry import LARGEST_ID, NO_XATTRS, Entry, Kind, Readable, Skippable, printable
from dockerlang.oci.tar.header import BLOCK, EMPTY_BLOCK, Header, unpack
from dockerlang.records import record

_CHUNK = 1024 * 1024
_KINDS = {kind.value: kind for kind in Kind} | {b"\0": Kind.FILE, b"7": Kind.FILE}
_EXTENDED = {b"x": b"x", b"X": b"x", b"g": b"g", b"L": b"L", b"K": b"K"}
_LINKS = frozenset({Kind.SYMLINK, Kind.HARDLINK})
_LARGEST_SIZE = 2**63 - 1


@record
class TarLimits:
    """What a reader accepts: the number of entries, and the bytes of one extended header or GNU long name."""

    entries: int = 4_000_000
    extended_header: int = 1024 * 1024


DEFAULT_LIMITS = TarLimits()


def read_entries(stream: Readable, limits: TarLimits = DEFAULT_LIMITS) -> Iterator[tuple[Entry, Readable, int]]:
    """Each entry of the archive with a reader of its data and the data's offset from where `stream` stood.

    The reader is good until the next entry is asked for; what it has not read is skipped. Paths are as they are written
    (`./a`, `/a`, `a/../b`), but a directory's final slashes are taken off. Reading stops behind the first empty block,
    or at the end of a stream that lacks one, so `stream` may hold more. Raises `InputError` for what is not a tar
    archive or ends early, `LimitError` for what goes beyond `limits`.
    """
    source = _Source(stream)
    count = 0
    while (found := _next_entry(source, limits)) is not None:
        entry, size = found
        count += 1
        if count > limits.entries:
            raise LimitError(f"tar archive: more than {limits.entries} entries")
        data = _Data(source, size)
        yield entry, data, source.position
        source.skip(data.close())
        source.skip_padding(-size % BLOCK)


class _Source:
    """The stream with a count of what was read."""

    __slots__ = ("_read", "_skip", "position")

    def __init__(self, stream: Readable) -> None:
        self._read = stream.read
        self._skip = stream.skip if isinstance(stream, Skippable) else None
        self.position = 0

    def some(self, size: int) -> bytes:
        """At least one byte and at most `size`."""
        data = self._read(size)
        if not data:
            raise InputError("tar archive: ends in the middle of a file")
        self.position += len(data)
        return data

    def block(self) -> bytes:
        """A header block; empty at the end of the stream."""
        data = self._up_to(BLOCK)
        if data and len(data) < BLOCK:
            raise InputError("not a tar archive, or damaged: it ends in the middle of a header")
        return data

    def exactly(self, size: int) -> bytes:
        data = self._up_to(size)
        if len(data) < size:
            raise InputError("tar archive: ends in the middle of an extended header")
        return data

    def skip(self, size: int) -> None:
        if self._skip is not None:
            self._skip(size)
            self.position += size
            return
        while size:
            size -= len(self.some(min(size, _CHUNK)))

    def skip_padding(self, size: int) -> None:
        """Skip what fills the last block of a file; archives are known that end before it."""
        if size:
            self._up_to(size)

    def _up_to(self, size: int) -> bytes:
        data = self._read(size)
        while 0 < len(data) < size:
            more = self._read(size - len(data))
            if not more:
                break
            data += more
        self.position += len(data)
        return data


class _Data:
    """The data of the current entry."""

    __slots__ = ("_left", "_source")

    def __init__(self, source: _Source, size: int) -> None:
        self._source = source
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        left = self._left
        wanted = left if size < 0 else min(size, left)
        if not wanted:
            return b""
        data = self._source.some(wanted)
        self._left = left - len(data)
        if size < 0 and self._left:
            chunks = [data]
            while self._left:
                chunks.append(self.read(min(self._left, _CHUNK)))
            return b"".join(chunks)
        return data

    def close(self) -> int:
        """End the reader's life; how many bytes it has left unread."""
        left, self._left = self._left, 0
        return left


def _next_entry(source: _Source, limits: TarLimits) -> tuple[Entry, int] | None:
    """The next entry and the size of its data, with the extended headers before it applied; None at the end."""
    records: dict[bytes, bytes] = {}
    while True:
        block = source.block()
        if not block or block == EMPTY_BLOCK:
            if records:
                raise InputError("tar archive: ends behind an extended header")
            return None
        header = unpack(block)
        extended = _EXTENDED.get(header.flag)
        if extended is None:
            return _entry(header, records) if records else _plain_entry(header)
        data = _extended_data(source, header, limits)
        if extended == b"x":
            # An extended header says more than the GNU long name that may stand beside it.
            records |= pax.read_records(data)
        elif extended == b"g":
            # Only checked: docker and containerd, whose images these are, do not apply global records to the entries.
            pax.read_records(data)
        else:
            records.setdefault(b"path" if extended == b"L" else b"linkpath", data.partition(b"\0")[0])


def _extended_data(source: _Source, header: Header, limits: TarLimits) -> bytes:
    if header.size > limits.extended_header:
        raise LimitError(
            f"tar archive: an extended header of {header.size} bytes, allowed are {limits.extended_header}"
        )
    if header.size < 0:
        raise InputError("tar archive: an extended header has a negative size")
    data = source.exactly(header.size)
    source.skip_padding(-header.size % BLOCK)
    return data


def _entry(header: Header, records: dict[bytes, bytes]) -> tuple[Entry, int]:
    """The entry with `records` laid over the header; an empty record means that the header counts."""
    if any(key.startswith(b"GNU.sparse.") for key in records):
        raise InputError(f"{printable(header.path)}: sparse files are not supported in tar archives", hint=_SPARSE_HINT)
    uid, gid, size = records.get(b"uid"), records.get(b"gid"), records.get(b"size")
    path, link = records.get(b"path") or header.path, records.get(b"linkpath") or header.link
    if b"\0" in path or b"\0" in link:
        raise InputError("tar archive: a name holds a NUL")
    xattrs = {
        key.removeprefix(pax.XATTR_PREFIX): value
        for key, value in records.items()
        if key.startswith(pax.XATTR_PREFIX) and key != pax.XATTR_PREFIX
    }
    mtime = records.get(b"mtime")
    changed = header._replace(
        path=path,
        link=link,
        uid=pax.read_integer(uid) if uid else header.uid,
        gid=pax.read_integer(gid) if gid else header.gid,
        size=pax.read_integer(size) if size else header.size,
    )
    return _plain_entry(changed, pax.read_time(mtime) if mtime else None, xattrs)


def _plain_entry(
    header: Header, mtime_ns: int | None = None, xattrs: Mapping[bytes, bytes] = NO_XATTRS
) -> tuple[Entry, int]:
    path, mode, uid, gid, size, mtime, flag, link, dev_major, dev_minor = header
    kind = _KINDS.get(flag)
    if kind is None:
        hint = _SPARSE_HINT if flag == b"S" else ""
        raise InputError(f"{printable(path)}: entries of type {flag!r} are not supported in tar archives", hint=hint)
    if not path:
        raise InputError("tar archive: an entry has no name")
    if path.endswith(b"/"):
        # Version 7 knew no type for directories; the slash told them.
        kind = Kind.DIRECTORY if kind is Kind.FILE else kind
        path = path.rstrip(b"/") or b"/"
    if not 0 <= uid <= LARGEST_ID or not 0 <= gid <= LARGEST_ID:
        raise InputError(f"{printable(path)}: its owner {uid}:{gid} is not one that a file can have")
    if not 0 <= size <= _LARGEST_SIZE:
        raise InputError(f"{printable(path)}: its size {size} is out of range")
    if kind is not Kind.FILE:
        size = 0
    if kind not in _LINKS:
        link = b""
    elif not link:
        raise InputError(f"{printable(path)}: a link without a target")
    if mtime_ns is None:
        mtime_ns = max(-pax.LARGEST_TIME, min(mtime * 10**9, pax.LARGEST_TIME))
    return Entry(path, kind, mode & 0o7777, uid, gid, size, mtime_ns, link, dev_major, dev_minor, xattrs), size


_SPARSE_HINT = "pack the file without GNU tar's --sparse"
