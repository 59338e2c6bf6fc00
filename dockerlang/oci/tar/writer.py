"""Writes tar archives of which every byte is determined by the entries: ustar, with PAX records only where needed.

No user or group names, no access or change times, no filling up of the archive to ten kibibytes. PAX records carry what
ustar cannot: long or non-ASCII names, IDs, sizes and times beyond their octal fields, fractions of a second, extended
attributes (as `SCHILY.xattr.NAME`, which GNU tar, bsdtar and Go understand).
"""

from __future__ import annotations

from typing import Protocol

from dockerlang.errors import InputError
from dockerlang.oci.tar import pax
from dockerlang.oci.tar.entry import LARGEST_ID, Entry, Kind, Readable, printable
from dockerlang.oci.tar.header import BLOCK, EMPTY_BLOCK, LARGEST_LONG, LARGEST_SHORT, Header, pack

_CHUNK = 1024 * 1024
_FLAGS = {kind: kind.value for kind in Kind}
_LINKS = frozenset({Kind.SYMLINK, Kind.HARDLINK})
_DEVICES = frozenset({Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE})


class Writable(Protocol):
    """Where an archive goes."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


class TarWriter:
    """Writes entries one after the other to a binary stream, which stays open and is never sought in."""

    def __init__(self, stream: Writable) -> None:
        self._write = stream.write
        self._position = 0

    @property
    def position(self) -> int:
        """How many bytes were written so far."""
        return self._position

    def add(self, entry: Entry, data: bytes | Readable = b"") -> int:
        """Write `entry` with its data, of exactly `entry.size` bytes, and return the offset of the data.

        A directory's path may lack the final slash, that of the root may be empty; a time before 1970 is written as 0.
        Raises `InputError` for an entry that no archive can hold and for data of another length.
        """
        head = encode_header(entry)
        offset = self._position + len(head)
        size = entry.size
        padding = -size % BLOCK
        if isinstance(data, bytes):
            if len(data) != size:
                raise InputError(f"{printable(entry.path)}: {size} bytes were announced, there are {len(data)}")
            self._write(b"%b%b%b" % (head, data, EMPTY_BLOCK[:padding]) if size else head)
        else:
            self._write(head)
            self._copy(entry, data)
            self._write(EMPTY_BLOCK[:padding])
        self._position = offset + size + padding
        return offset

    def close(self) -> None:
        """Write the two empty blocks that end an archive."""
        self._write(EMPTY_BLOCK * 2)
        self._position += 2 * BLOCK

    def _copy(self, entry: Entry, data: Readable) -> None:
        left = entry.size
        while left:
            chunk = data.read(min(left, _CHUNK))
            if not chunk:
                raise InputError(f"{printable(entry.path)}: became shorter while it was read")
            self._write(chunk)
            left -= len(chunk)


def encode_header(entry: Entry) -> bytes:
    """The header block of `entry`, after an extended header where the entry does not fit into ustar alone."""
    kind = entry.kind
    path, link = entry.path, entry.link
    uid, gid, size = entry.uid, entry.gid, entry.size
    seconds, fraction = divmod(max(entry.mtime_ns, 0), 10**9)
    _check(entry)
    records: dict[bytes, bytes] = {}
    if kind is Kind.DIRECTORY and not path.endswith(b"/"):
        path = path + b"/" if path else b"./"
    prefix = b""
    if len(path) > 100 or not path.isascii():
        prefix, path = _split(path, records)
    if link and (len(link) > 100 or not link.isascii()):
        records[b"linkpath"] = link
        link = _plain(link)
    if fraction or seconds > LARGEST_LONG:
        records[b"mtime"] = pax.time_value(max(entry.mtime_ns, 0))
        seconds = seconds if seconds <= LARGEST_LONG else 0
    if uid > LARGEST_SHORT:
        records[b"uid"], uid = b"%d" % uid, 0
    if gid > LARGEST_SHORT:
        records[b"gid"], gid = b"%d" % gid, 0
    if size > LARGEST_LONG:
        records[b"size"], size = b"%d" % size, 0
    for name, value in entry.xattrs.items():
        records[pax.XATTR_PREFIX + name] = value
    flag = _FLAGS[kind]
    block = pack(
        prefix, Header(path, entry.mode, uid, gid, size, seconds, flag, link, entry.dev_major, entry.dev_minor)
    )
    return _extended_header(path, records) + block if records else block


def _check(entry: Entry) -> None:
    """Refuse what an archive cannot say, so that it is never written as something else."""
    kind, path = entry.kind, entry.path
    problem = ""
    if b"\0" in path or b"\0" in entry.link:
        problem = "its name holds a NUL"
    elif not path and kind is not Kind.DIRECTORY:
        problem = "it has no name"
    elif kind is not Kind.DIRECTORY and path.endswith(b"/"):
        problem = "its name ends like that of a directory"
    elif not (0 <= entry.mode <= 0o7777 and 0 <= entry.uid <= LARGEST_ID and 0 <= entry.gid <= LARGEST_ID):
        problem = f"mode {entry.mode:o} or owner {entry.uid}:{entry.gid} is out of range"
    elif entry.size < 0 or (entry.size and kind is not Kind.FILE):
        problem = f"a {kind.name.lower()} cannot have {entry.size} bytes of data"
    elif bool(entry.link) is not (kind in _LINKS):
        problem = "a link must have a target, and nothing else may have one"
    elif (entry.dev_major or entry.dev_minor) and kind not in _DEVICES:
        problem = "only a device has device numbers"
    elif not (0 <= entry.dev_major <= LARGEST_SHORT and 0 <= entry.dev_minor <= LARGEST_SHORT):
        problem = f"device number {entry.dev_major}:{entry.dev_minor} is out of range"
    elif entry.xattrs and any(not name or b"=" in name or b"\0" in name for name in entry.xattrs):
        problem = "the name of an extended attribute cannot be written"
    if problem:
        raise InputError(f"{printable(path)}: cannot be put into a tar archive: {problem}")


def _split(path: bytes, records: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    """Prefix and name of a path for the ustar header; a path that does not fit goes into `records`."""
    # The first slash behind which at most 100 bytes are left leaves the shortest prefix.
    slash = path.find(b"/", max(len(path) - 101, 1), 156)
    if slash > 0 and slash < len(path) - 1 and path.isascii():
        return path[:slash], path[slash + 1 :]
    records[b"path"] = path
    return b"", _plain(path)


def _extended_header(path: bytes, records: dict[bytes, bytes]) -> bytes:
    data = pax.write_records(records)
    name = b"PaxHeaders.0/" + path.rstrip(b"/").rpartition(b"/")[2]
    block = pack(b"", Header(name[:100], 0o644, 0, 0, len(data), 0, b"x", b"", 0, 0))
    return b"%b%b%b" % (block, data, EMPTY_BLOCK[: -len(data) % BLOCK])


def _plain(name: bytes) -> bytes:
    """What readers without PAX see of a name: cut to 100 bytes, `_` for what is not ASCII."""
    return name[:100] if name.isascii() else bytes(byte if byte < 0x80 else 0x5F for byte in name[:100])
