"""The tar codec against itself, hand-made headers and the standard library."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.errors import InputError, LimitError
from dockerlang.oci.tar import LARGEST_ID, Entry, Kind, TarLimits, TarWriter, printable, read_entries
from dockerlang.oci.tar.header import Header, pack
from dockerlang.oci.tar.pax import read_time, time_value
from tests.oci.archives import TIME, archive, directory, file, hardlink, symlink

SECOND = 10**9


def read(data: bytes, limits: TarLimits = TarLimits()) -> list[tuple[Entry, bytes]]:
    """All entries with their data."""
    return [(entry, content.read()) for entry, content, _ in read_entries(io.BytesIO(data), limits)]


def stamp(block: bytearray) -> bytes:
    """The block with the right checksum."""
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def header(path: bytes = b"a", flag: bytes = b"0", size: int = 0, link: bytes = b"") -> bytes:
    return pack(b"", Header(path, 0o644, 0, 0, size, TIME, flag, link, 0, 0))


END = bytes(1024)


def test_a_plain_file_is_one_ustar_header_and_nothing_about_its_writer() -> None:
    data = archive(file("dir/name", b"hello"))
    assert data == (
        b"dir/name".ljust(100, b"\0")
        + b"0000644\0" + b"0000000\0" + b"0000000\0" + b"00000000005\0" + b"14524770400\0"
        + b"010663\0 " + b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + b"0000000\0" * 2 + bytes(155 + 12)
        + b"hello".ljust(512, b"\0") + END
    )  # fmt: skip


def test_pax_records_come_only_where_ustar_cannot_say_it() -> None:
    prefix_fits = "p" * 155 + "/" + "n" * 100
    for item in (
        file("a" * 100),
        file(prefix_fits),
        directory("d" * 99),
        symlink("l", "t" * 100),
        file("x", uid=2097151),
    ):
        assert len(archive(item)) == 512 * (1 + bool(item[1])) + 1024
    for item, record in (
        (file("a" * 101), b"111 path=aaa"),
        (file("é"), b"11 path=\xc3\xa9\n"),
        (symlink("l", "é"), b"15 linkpath=\xc3\xa9\n"),
        (file("x", uid=2097152), b"15 uid=2097152\n"),
        (file("x", gid=LARGEST_ID), b"18 gid=4294967294\n"),
        (file("x", mtime_ns=TIME * SECOND + 120_000_000), b"23 mtime=1700000000.12\n"),
        (file("x", mtime_ns=8**11 * SECOND), b"20 mtime=8589934592\n"),
        (file("x", xattrs={b"user.a": b"1\n\0"}), b"27 SCHILY.xattr.user.a=1\n\0\n"),
    ):
        data = archive(item)
        assert data[156:157] == b"x"
        assert data[512:].startswith(record), data[512:600]
        assert read(data) == [item]


def test_records_are_ordered_and_the_header_keeps_a_readable_name() -> None:
    data = archive(file("ä/" + "é" * 90, uid=LARGEST_ID, xattrs={b"user.b": b"2", b"user.a": b""}))
    assert data.index(b"SCHILY.xattr.user.a=\n") < data.index(b"SCHILY.xattr.user.b=2") < data.index(b"path=")
    name = data[data.index(b"ustar", 600) - 257 :][:100]
    assert name == b"__/" + b"_" * 97


def test_times_before_1970_are_written_as_zero() -> None:
    assert read(archive(file("a", mtime_ns=-1)))[0][0].mtime_ns == 0


@pytest.mark.parametrize(
    "entry",
    [
        Entry(b"a\0b"),
        Entry(b""),
        Entry(b"a/"),
        Entry(b"a", mode=0o10000),
        Entry(b"a", uid=LARGEST_ID + 1),
        Entry(b"a", gid=-1),
        Entry(b"a", size=-1),
        Entry(b"a", Kind.DIRECTORY, size=1),
        Entry(b"a", Kind.SYMLINK),
        Entry(b"a", link=b"b"),
        Entry(b"a", dev_major=1),
        Entry(b"a", Kind.BLOCK_DEVICE, dev_minor=2**21),
        Entry(b"a", xattrs={b"user.a=b": b""}),
        Entry(b"a", xattrs={b"": b""}),
    ],
)
def test_what_an_archive_cannot_say_is_never_written(entry: Entry) -> None:
    stream = io.BytesIO()
    with pytest.raises(InputError, match="cannot be put into a tar archive"):
        TarWriter(stream).add(entry)
    assert stream.getvalue() == b""


def test_data_must_have_the_announced_length() -> None:
    writer = TarWriter(io.BytesIO())
    with pytest.raises(InputError, match="2 bytes were announced"):
        writer.add(Entry(b"a", size=2), b"1")
    with pytest.raises(InputError, match="became shorter"):
        writer.add(Entry(b"a", size=2), io.BytesIO(b"1"))
    longer = io.BytesIO(b"123")
    writer.add(Entry(b"b", size=2), longer)
    assert longer.read() == b"3"


def test_a_size_beyond_eight_gigabytes_needs_no_such_file_to_be_read() -> None:
    size = 8**11 + 5
    stream = io.BytesIO()
    with pytest.raises(InputError, match="became shorter"):
        TarWriter(stream).add(Entry(b"big", size=size), io.BytesIO())
    entry, _, offset = next(iter(read_entries(io.BytesIO(stream.getvalue()))))
    assert (entry.size, offset) == (size, 512 * 3)


def test_offsets_point_at_the_data_and_unread_data_is_skipped() -> None:
    data = archive(file("a", b"one"), directory("d"), file("é", b"two" * 400), file("c", b""))
    found = {entry.path: data[offset : offset + entry.size] for entry, _, offset in read_entries(io.BytesIO(data))}
    assert found == {b"a": b"one", b"d": b"", "é".encode(): b"two" * 400, b"c": b""}


def test_a_reader_of_data_dies_with_its_entry() -> None:
    readers = [content for _, content, _ in read_entries(io.BytesIO(archive(file("a", b"one"), file("b", b"two"))))]
    assert [reader.read() for reader in readers] == [b"", b""]


def test_a_stream_may_give_less_than_it_is_asked_for() -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    items = [file("a", b"x" * 1000), file("é", b"y" * 513)]
    assert [(e, c.read()) for e, c, _ in read_entries(Drip(archive(*items)))] == items


# What other writers make


def test_the_end_may_be_missing_and_what_follows_it_is_ignored() -> None:
    body = header(size=1) + b"x".ljust(512, b"\0")
    expected = [(Entry(b"a", size=1, mtime_ns=TIME * SECOND), b"x")]
    assert read(body) == expected
    assert read(body + bytes(512)) == expected
    assert read(body + END + header(b"second")) == expected
    assert read(body + END + b"garbage") == expected
    assert read(header(size=1) + b"x") == expected
    assert read(b"") == []


@pytest.mark.parametrize(
    "data",
    [
        b"no tar" * 200,
        header()[:300],
        header(size=600) + b"x" * 599,
        header(flag=b"x", size=100) + b"1",
        header(flag=b"x", size=20) + b"99 path=too-long\n".ljust(512, b"\0"),
        header(flag=b"x", size=512) + b"x path=a\n".ljust(512, b"\0"),
        header(flag=b"x", size=512) + b"6 abc\n".ljust(512, b"\0") + header(),
        header(flag=b"x", size=15) + b"15 path=a\0bcde\n".ljust(512, b"\0") + header(),
        header(flag=b"x", size=11) + b"11 uid=1.5\n".ljust(512, b"\0") + header(),
        header(flag=b"x", size=512) + b"11 path=aa\n".ljust(512, b"\0") + END,
        header(flag=b"g", size=5) + b"nope\n".ljust(512, b"\0") + header(),
        header(path=b""),
        header(flag=b"2"),
        header(flag=b"V"),
        header(flag=b"9"),
        header(flag=b"S"),
        header(flag=b"x", size=23) + b"23 GNU.sparse.major=1\n\n".ljust(512, b"\0") + header(),
        stamp(bytearray(header()[:108] + b"00000!0\0" + header()[116:])),
        stamp(bytearray(header()[:108] + b"0000089\0" + header()[116:])),
        header(flag=b"x", size=18) + b"18 uid=4294967295\n".ljust(512, b"\0") + header(),
        header(flag=b"x", size=18) + b"18 uid=4294967297\n".ljust(512, b"\0") + header(),
        header(flag=b"x", size=12) + b"12 size=-10\n".ljust(512, b"\0") + header(),
    ],
)
def test_damaged_and_foreign_archives_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_limits_hold() -> None:
    many = archive(*(file(f"f{number}") for number in range(5)))
    assert len(read(many, TarLimits(entries=5))) == 5
    with pytest.raises(LimitError, match="more than 4 entries"):
        read(many, TarLimits(entries=4))
    long = archive(file("é" * 600))
    with pytest.raises(LimitError, match="extended header"):
        read(long, TarLimits(extended_header=1000))
    # Announced sizes are refused before anything is read.
    with pytest.raises(LimitError):
        read(header(flag=b"L", size=8**10))


def test_a_version_7_header_tells_directories_by_their_slash() -> None:
    block = bytearray(header(b"old/", flag=b"\0"))
    block[257:] = bytes(255)
    file_block = bytearray(header(b"old/f", flag=b"\0", size=2))
    file_block[257:] = bytes(255)
    entries = read(stamp(block) + stamp(file_block) + b"hi".ljust(512, b"\0"))
    assert [(e.path, e.kind, c) for e, c in entries] == [
        (b"old", Kind.DIRECTORY, b""),
        (b"old/f", Kind.FILE, b"hi"),
    ]


def test_checksums_of_signed_bytes_are_accepted() -> None:
    block = bytearray(header("é".encode()))
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(byte - 256 * (byte > 127) for byte in block)
    assert read(bytes(block))[0][0].path == "é".encode()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"  1750 \0", 1000),
        (b"\0\0\0\0\0\0\0\0", 0),
        (b"1750\0007\0\0", 1000),
        (b"\x80\0\0\0\x7f\xff\xff\xfe", 2147483646),
    ],
)
def test_numbers_come_in_several_spellings(field: bytes, expected: int) -> None:
    block = bytearray(header())
    block[108:116] = field
    assert read(stamp(block))[0][0].uid == expected


def test_times_in_base_256_may_be_negative() -> None:
    block = bytearray(header())
    block[136:148] = (-1000).to_bytes(12, "big", signed=True)
    assert read(stamp(block))[0][0].mtime_ns == -1000 * SECOND


def test_gnu_long_names_and_pax_records_take_the_place_of_the_header() -> None:
    name, target = b"n" * 300, b"t" * 300
    gnu = b"".join(
        header(b"././@LongLink", flag, len(text) + 1) + (text + b"\0").ljust(512, b"\0")
        for flag, text in ((b"K", target), (b"L", name))
    )
    assert read(gnu + header(b"n" * 99, b"2", link=b"t" * 99))[0][0] == Entry(
        name, Kind.SYMLINK, link=target, mtime_ns=TIME * SECOND
    )
    records = header(b"pax", b"x", 26) + b"12 path=aaa\n14 path=later\n".ljust(512, b"\0")
    assert [entry.path for entry, _ in read(records + header(b"short") + header(b"next"))] == [b"later", b"next"]


def test_global_records_are_accepted_and_change_nothing() -> None:
    comment = header(b"pax_global_header", b"g", 12) + b"12 uid=1234\n".ljust(512, b"\0")
    assert read(comment + header())[0][0] == Entry(b"a", mtime_ns=TIME * SECOND)


def test_an_empty_record_leaves_the_header_in_force() -> None:
    records = header(b"pax", b"x", 8) + b"8 path=\n".ljust(512, b"\0")
    assert read(records + header(b"kept"))[0][0].path == b"kept"


# Against the standard library

_NAME = st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & {0, 0x2F} and name not in (b".", b".."))
_PATH = st.lists(_NAME | st.just(b"long" * 20), min_size=1, max_size=4).map(b"/".join)
_TIME = st.integers(0, 2**62)
_ID = st.integers(0, LARGEST_ID)
_XATTRS = st.dictionaries(
    st.text("abcd.", min_size=1, max_size=5).map(lambda name: b"user." + name.encode()),
    st.binary(max_size=8),
    max_size=2,
)


@st.composite
def _items(draw: Callable[..., object]) -> tuple[Entry, bytes]:
    kind = draw(st.sampled_from(Kind))
    content = draw(st.binary(max_size=1100)) if kind is Kind.FILE else b""
    assert isinstance(content, bytes)
    entry = Entry(
        draw(_PATH),  # type: ignore[arg-type]
        kind,  # type: ignore[arg-type]
        draw(st.integers(0, 0o7777)),  # type: ignore[arg-type]
        draw(_ID),  # type: ignore[arg-type]
        draw(_ID),  # type: ignore[arg-type]
        len(content),
        draw(_TIME),  # type: ignore[arg-type]
    )
    if kind in (Kind.SYMLINK, Kind.HARDLINK):
        entry = replace(entry, link=draw(_PATH))  # type: ignore[arg-type]
    if kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE):
        entry = replace(entry, dev_major=draw(st.integers(0, 4095)), dev_minor=draw(st.integers(0, 99999)))  # type: ignore[arg-type]
    return replace(entry, xattrs=draw(_XATTRS)), content  # type: ignore[arg-type]


@given(st.lists(_items(), max_size=4))
def test_what_is_written_is_read_back(items: list[tuple[Entry, bytes]]) -> None:
    assert read(archive(*items)) == items


@given(st.lists(_items(), max_size=3))
def test_the_standard_library_reads_what_we_write(items: list[tuple[Entry, bytes]]) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive(*items)), encoding="utf-8", errors="surrogateescape") as library:
        members = library.getmembers()
        assert len(members) == len(items)
        for member, (entry, content) in zip(members, items, strict=True):
            assert member.name.encode("utf-8", "surrogateescape") == entry.path
            assert member.linkname.encode("utf-8", "surrogateescape") == entry.link
            assert (member.type, member.mode) == (entry.kind.value, entry.mode)
            assert (member.uid, member.gid, member.size) == (entry.uid, entry.gid, entry.size)
            assert int(member.mtime) in (entry.mtime_ns // SECOND, entry.mtime_ns // SECOND + 1)
            assert (member.devmajor, member.devminor) == (entry.dev_major, entry.dev_minor)
            if entry.kind is Kind.FILE:
                reader = library.extractfile(member)
                assert reader is not None
                assert reader.read() == content


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(name=_PATH, uid=st.integers(0, 2097151), content=st.binary(max_size=600), time=st.integers(0, 8**11 - 1))
def test_we_read_what_the_standard_library_writes(
    format_: int, name: bytes, uid: int, content: bytes, time: int
) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format_, encoding="utf-8", errors="surrogateescape") as library:
        member = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
        member.uid, member.size, member.mtime, member.uname = uid, len(content), time, "someone"
        try:
            library.addfile(member, io.BytesIO(content))
        except ValueError:
            assert format_ == tarfile.USTAR_FORMAT
            return
    assert read(stream.getvalue()) == [(Entry(name, uid=uid, size=len(content), mtime_ns=time * SECOND), content)]


@given(st.binary(max_size=700), st.integers(0, 1600))
def test_a_damaged_archive_never_gives_more_than_an_error(noise: bytes, at: int) -> None:
    data = bytearray(archive(file("é" * 60, b"content"), hardlink("h", "é"), symlink("s", "x" * 200)))
    data[at : at + len(noise)] = noise
    message = ""
    try:
        read(bytes(data))
    except InputError as error:
        message = str(error)
    assert "\n" not in message


@given(st.integers(-(2**62), 2**62))
def test_times_are_exact(nanoseconds: int) -> None:
    assert nanoseconds < 0 or read_time(time_value(nanoseconds)) == nanoseconds
    seconds, fraction = divmod(abs(nanoseconds), SECOND)
    text = b"%s%d.%09d99" % (b"-" if nanoseconds < 0 else b"", seconds, fraction)
    assert read_time(text) == nanoseconds


def test_a_path_in_a_message_is_one_visible_line() -> None:
    assert printable("dir/é\n\x1b[31m".encode() + b"\xff") == r"dir/é\n\x1b[31m\xff"
