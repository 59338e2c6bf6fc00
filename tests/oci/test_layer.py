"""The index of a layer, its compact form, and the writer that makes archive and index at once."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.layer import LayerIndex, LayerWriter, index_layer, opaque, whiteout
from dockerlang.oci.layer.indexing import survey_layer
from dockerlang.oci.layer.paths import normalise
from dockerlang.oci.tar import Entry, Kind
from tests.oci.archives import Item, archive, directory, file, hardlink, special, symlink

EVERYTHING = [
    directory("", mode=0o711),
    directory("d"),
    file("d/é", b"content", xattrs={b"user.a": b"\0=", b"user.b": b""}),
    hardlink("d/again", "d/é"),
    file("empty", b""),
    symlink("s", "d/é"),
    special("dev", Kind.BLOCK_DEVICE, dev_major=8, dev_minor=300),
    special("pipe", Kind.FIFO),
    (whiteout(b"d/gone"), b""),
    (whiteout(b"lost"), b""),
    (opaque(b"d"), b""),
]


def index(data: bytes) -> LayerIndex:
    return index_layer(io.BytesIO(data))


def written(items: list[Item]) -> tuple[bytes, LayerIndex]:
    stream = io.BytesIO()
    writer = LayerWriter(stream)
    for entry, content in items:
        writer.add(entry, io.BytesIO(content) if len(content) % 2 else content)
    layer = writer.close()
    return stream.getvalue(), layer


def test_the_index_says_what_there_is_and_where() -> None:
    data = archive(*EVERYTHING)
    layer = index(data)
    assert [indexed.entry.path.decode() for indexed in layer] == [
        "", "d", "d/é", "d/again", "empty", "s", "dev", "pipe",
    ]  # fmt: skip
    assert layer.whiteouts == {b"d/gone", b"lost"}
    assert layer.opaques == {b"d"}
    found = layer.get("d/é".encode())
    assert found is not None
    assert data[found.offset : found.offset + found.entry.size] == b"content"
    assert found.sha256 == hashlib.sha256(b"content").digest()
    assert found.entry.xattrs == {b"user.a": b"\0=", b"user.b": b""}
    link = layer.get(b"d/again")
    assert link is not None
    assert (link.offset, link.sha256, link.number, link.entry.size) == (found.offset, found.sha256, found.number, 7)
    assert link.entry.kind is Kind.HARDLINK
    assert layer.get(b"d/gone") is None
    assert layer.names[b"d"] == (b"again", "é".encode())


def test_the_diff_id_covers_every_byte() -> None:
    data = archive(file("a")) + b"after the end" * 100_000
    assert (index(data).diff_id, index(data).size) == (sha256_of(data), len(data))


def test_the_compact_form_is_read_back() -> None:
    layer = index(archive(*EVERYTHING, file("implied/x"), file("empty", b"twice")))
    assert layer.implied == {b"implied"}
    assert layer.duplicates == (b"empty",)
    again = LayerIndex.from_bytes(layer.to_bytes())
    assert again == layer
    assert list(again) == list(layer)
    assert len(again) == 9


@pytest.mark.parametrize("damage", [slice(0, 1), slice(5, 6), slice(30, 31), slice(-1, None)])
def test_a_damaged_index_is_noticed(damage: slice) -> None:
    data = bytearray(index(archive(*EVERYTHING)).to_bytes())
    data[damage] = bytes(byte ^ 1 for byte in data[damage])
    with pytest.raises(InputError, match="damaged"):
        LayerIndex.from_bytes(bytes(data))
    with pytest.raises(InputError, match="damaged"):
        LayerIndex.from_bytes(b"")


def test_a_hard_link_keeps_the_file_that_its_name_lost() -> None:
    layer = index(archive(file("a", b"first"), hardlink("h", "a"), file("a", b"second")))
    link = layer.get(b"h")
    assert link is not None
    assert link.sha256 == hashlib.sha256(b"first").digest()
    beneath = index(archive(file("d/a", b"first"), hardlink("h", "d/a"), file("d", b"instead")))
    again = LayerIndex.from_bytes(beneath.to_bytes()).get(b"h")
    assert again is not None
    assert again.sha256 == link.sha256
    assert beneath.get(b"d/a") is None


def test_a_link_to_a_file_of_lower_layers_has_no_data_here() -> None:
    link = index(archive(hardlink("h", "elsewhere"))).get(b"h")
    assert link is not None
    assert (link.number, link.sha256, link.entry.link) == (-1, b"", b"elsewhere")


def test_attributes_of_the_machine_stay_out() -> None:
    private = {b"security.selinux": b"x", b"user.overlay.origin": b"y", b"security.capability": b"z"}
    data, layer = written([file("a", xattrs=private)])
    assert b"selinux" not in data
    assert b"overlay" not in data
    found = layer.get(b"a")
    assert found is not None
    assert found.entry.xattrs == {b"security.capability": b"z"}


def test_the_writer_makes_the_index_that_reading_makes() -> None:
    data, layer = written(EVERYTHING)
    assert layer == index(data)
    assert data == archive(*EVERYTHING)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([file("a"), file("a")], "would stand twice"),
        ([file("/a")], "not a path inside the root"),
        ([file("a/../b")], "not a path inside the root"),
        ([file("a//b")], "not a path inside the root"),
        ([file(".")], "not a path inside the root"),
        ([file(".wh.real", b"data")], "reserved"),
        ([directory(".wh.real")], "reserved"),
        ([file(".wh.real/x")], "reserved"),
        ([hardlink("h", "not-there")], "which is not in it"),
        ([hardlink("h", "h")], "which is not in it"),
        ([special("c", Kind.CHARACTER_DEVICE)], "overlay whiteout"),
        ([file("n" * 256)], "too long"),
        ([file("f"), file("f/x")], "no directory"),
    ],
)
def test_the_writer_refuses_what_engines_disagree_about(items: list[Item], message: str) -> None:
    with pytest.raises(InputError) as caught:
        written(items)
    assert message in f"{caught.value} {caught.value.hint}"


_NAMES = st.sampled_from(["a", "b", "c.d", "é", "\udcff"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_ITEMS = st.one_of(
    st.builds(file, _PATHS, st.binary(max_size=600)),
    st.builds(directory, _PATHS),
    st.builds(symlink, _PATHS, st.just("target")),
    _PATHS.map(lambda path: (whiteout(path.encode("utf-8", "surrogateescape")), b"")),
)


@given(st.lists(_ITEMS, max_size=6, unique_by=lambda item: item[0].path))
def test_writing_and_indexing_agree_on_any_layer(items: list[Item]) -> None:
    try:
        data, layer = written(items)
    except InputError:
        with pytest.raises(InputError):
            index(archive(*items))
        return
    assert layer == index(data)
    assert LayerIndex.from_bytes(layer.to_bytes()) == layer


@given(st.lists(_ITEMS, max_size=6))
def test_a_survey_finds_all_but_the_digests_of_the_files(items: list[Item]) -> None:
    data = archive(*items)
    try:
        whole = index(data)
    except InputError:
        with pytest.raises(InputError):
            survey_layer(io.BytesIO(data), sha256_of(data))
        return
    found = survey_layer(io.BytesIO(data), sha256_of(data))
    found.table.digests[:] = whole.table.digests
    assert found == whole


@pytest.mark.parametrize("cut", [100, 512, 700, 1100])
def test_a_survey_notices_an_archive_that_is_cut_short(cut: int) -> None:
    data = archive(file("a", bytes(1500)))[:cut]
    with pytest.raises(InputError):
        survey_layer(io.BytesIO(data), sha256_of(data))


@given(st.text("ab./", max_size=12).map(str.encode))
def test_a_normal_path_is_inside_the_root_and_stays_normal(path: bytes) -> None:
    normal = normalise(path)
    assert normalise(normal) == normal
    assert not normal.startswith(b"/")
    assert not {b"", b".", b".."} & set(normal.split(b"/")) or normal == b""


def test_deep_paths_are_no_trouble() -> None:
    deep = "/".join("d" * 2000)
    layer = index(archive(file(deep)))
    assert len(layer.implied) == 2000
    assert layer.get(deep.encode()) is not None


def test_an_entry_is_a_value() -> None:
    assert Entry(b"a") == Entry(b"a", Kind.FILE, 0o644)


class HashingStream(io.BytesIO):
    """A stream that hashes what it is given, as the store's does."""

    def digest(self) -> Digest:
        return Digest("sha256", hashlib.sha256(self.getvalue()).hexdigest())


@pytest.mark.parametrize("size", [0, 1 << 16, (8 << 20) - 1, 8 << 20, (9 << 20) + 5])
def test_a_stream_that_hashes_and_a_large_file_change_nothing(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    plain, hashing = io.BytesIO(), HashingStream()
    indexes = []
    for stream in (plain, hashing):
        writer = LayerWriter(stream)
        writer.add(Entry(b"big", size=size), io.BytesIO(data[:size]))
        writer.add(Entry(b"small", size=1), b"x")
        indexes.append(writer.close())
    assert plain.getvalue() == hashing.getvalue()
    assert indexes[0] == indexes[1] == index_layer(io.BytesIO(plain.getvalue()))


def test_a_large_file_that_cannot_be_read_to_its_end_is_an_error() -> None:
    with pytest.raises(InputError, match="became shorter"):
        LayerWriter(io.BytesIO()).add(Entry(b"big", size=9 << 20), io.BytesIO(bytes(8 << 20)))
