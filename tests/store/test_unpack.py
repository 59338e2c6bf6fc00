"""Unpacked layers: inside their root, with all that their tar says, and the same tree that their indexes show."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlang.errors import DockerlangError, InputError
from dockerlang.oci.layer import LayerWriter, index_layer, opaque, whiteout
from dockerlang.oci.tar import Entry, Kind, TarWriter
from dockerlang.oci.tree import MergedTree
from dockerlang.store.check import check_store
from dockerlang.store.operation import Operation
from dockerlang.store.records import Layer
from dockerlang.store.store import Store
from dockerlang.store.unpack import TreeForm, apply_layer
from tests.store.making import add_image

pytestmark = pytest.mark.root
SECOND = 10**9


def raw_layer(*entries: tuple[Entry, bytes]) -> bytes:
    """An archive of entries that a layer writer of ours would refuse, too."""
    out = io.BytesIO()
    writer = TarWriter(out)
    for entry, data in entries:
        writer.add(entry, data)
    writer.close()
    return out.getvalue()


def apply(root: Path, *layers: bytes) -> None:
    for layer in layers:
        apply_layer(io.BytesIO(layer), root, TreeForm.FLAT)


def file(path: bytes, data: bytes = b"x", *, mode: int = 0o644) -> tuple[Entry, bytes]:
    return Entry(path, size=len(data), mode=mode), data


def test_everything_a_header_says_reaches_the_file(tmp_path: Path) -> None:
    entry = Entry(
        b"program",
        mode=0o6755,
        uid=12,
        gid=34,
        size=3,
        mtime_ns=1_600_000_000 * SECOND + 123_456_789,
        xattrs={b"user.note": b"\0binary\xff", b"security.capability": bytes.fromhex("0100000200040000" + "00" * 12)},
    )
    apply(tmp_path, raw_layer((entry, b"\x7fEL")))
    path = tmp_path / "program"
    status = path.stat()
    assert path.read_bytes() == b"\x7fEL"
    assert (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid) == (0o6755, 12, 34)
    assert status.st_mtime_ns == entry.mtime_ns
    assert {os.fsencode(name): os.getxattr(path, name) for name in os.listxattr(path)} == dict(entry.xattrs)


def test_the_mask_of_the_process_changes_nothing(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        apply(tmp_path, raw_layer(file(b"made/parent/file", mode=0o666)))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "made/parent/file").stat().st_mode) == 0o666


@pytest.mark.parametrize("form", TreeForm)
@pytest.mark.parametrize("target", [b"/", b"/outside", b"../../../../../../outside", b"a/../../../outside"])
def test_no_link_leads_out_of_the_root(tmp_path: Path, form: TreeForm, target: bytes) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (outside / "file").write_bytes(b"untouched")
    root.mkdir()
    layer = raw_layer(
        (Entry(b"link", Kind.SYMLINK, link=target), b""),
        file(b"link/file", b"evil"),
        file(b"../../outside/file", b"evil"),
        (Entry(b"link/.wh.file"), b""),
        (Entry(b"link/made", Kind.DIRECTORY, 0o777), b""),
    )
    apply_layer(io.BytesIO(layer), root, form)
    assert (outside / "file").read_bytes() == b"untouched"
    assert os.listdir(outside) == ["file"]
    assert os.listdir(tmp_path / "outside") == ["file"]
    assert not Path("/file").exists()


def test_a_lower_layer_cannot_lead_out_either(tmp_path: Path) -> None:
    outside, lower, root = (tmp_path / name for name in ("outside", "lower", "root"))
    for directory in (outside, lower, root):
        directory.mkdir()
    (outside / "secret").write_bytes(b"secret")
    apply_layer(io.BytesIO(raw_layer((Entry(b"d", Kind.SYMLINK, link=bytes(outside)), b""))), lower, TreeForm.OVERLAY)
    layer = raw_layer((Entry(b"copy", Kind.HARDLINK, link=b"d/secret"), b""))
    with pytest.raises(InputError, match="no file"):
        apply_layer(io.BytesIO(layer), root, TreeForm.OVERLAY, [lower])


def test_endless_links_are_refused(tmp_path: Path) -> None:
    layer = raw_layer(
        (Entry(b"a", Kind.SYMLINK, link=b"b"), b""), (Entry(b"b", Kind.SYMLINK, link=b"a"), b""), file(b"a/x")
    )
    with pytest.raises(InputError, match="symbolic links"):
        apply(tmp_path, layer)


@pytest.mark.parametrize(
    "entries",
    [
        [file(b"f"), file(b"f/below")],
        [(Entry(b"link", Kind.HARDLINK, link=b"."), b"")],
        [(Entry(b"d", Kind.DIRECTORY), b""), (Entry(b"link", Kind.HARDLINK, link=b"d"), b"")],
        [(Entry(b"d/.wh..", Kind.FILE), b"")],
        [(Entry(b".", Kind.SYMLINK, link=b"x"), b"")],
        [(Entry(b"null", Kind.CHARACTER_DEVICE), b"")],
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, entries: list[tuple[Entry, bytes]]) -> None:
    with pytest.raises(InputError):
        apply(tmp_path, raw_layer(*entries))


def test_deep_and_many_directories_need_no_descriptor_each(tmp_path: Path) -> None:
    deep = b"/".join([b"d"] * 300)
    wide = [file(b"w%d/f" % number) for number in range(2000)]
    apply(tmp_path, raw_layer(file(deep + b"/f"), *wide))
    assert len(os.listdir(tmp_path)) == 2001


def test_a_parent_that_the_layer_leaves_out_keeps_what_lower_layers_say(store: Store) -> None:
    lower = raw_layer((Entry(b"d", Kind.DIRECTORY, 0o700, uid=5, gid=6, mtime_ns=7 * SECOND), b""), file(b"d/old"))
    upper = raw_layer(file(b"d/new"))
    with store.operation("test") as operation:
        diff_ids = []
        for layer in (lower, upper):
            with operation.new_layer() as sink:
                sink.write(layer)
                diff_ids.append(sink.commit().diff_id)
        status = (operation.layer_trees(diff_ids)[1] / "d").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid) == (0o700, 5, 6)
    assert status.st_mtime_ns == 7 * SECOND


def test_a_tree_that_was_lost_is_unpacked_again(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"f": b"1"}, name="app")
        (link,) = operation.layer_trees(image.diff_ids)
        subprocess.run(["rm", "-r", str(link.resolve().parent)], check=True)
        link.unlink()
        assert (operation.layer_trees(image.diff_ids)[0] / "f").read_bytes() == b"1"


def test_a_damaged_layer_is_noticed_while_unpacking(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"f": b"1" * 600}, name="app")
        blob = store.layout.blob(image.diff_ids[0])
        blob.chmod(0o600)
        with blob.open("r+b") as damaged:
            damaged.seek(700)
            damaged.write(b"2")
        with pytest.raises(DockerlangError, match=str(image.diff_ids[0])):
            operation.layer_trees(image.diff_ids)
    with store.operation("next"):
        pass
    assert os.listdir(store.layout.work) == []
    assert os.listdir(store.layout.layers) == ["l"]


def test_a_finished_step_s_directory_becomes_its_tree(store: Store) -> None:
    def commit(operation: Operation, made: bytes) -> Layer:
        upper = operation.scratch("step") / "upper"
        upper.mkdir()
        (upper / "made").write_bytes(made)
        with operation.new_layer() as sink:
            writer = LayerWriter(sink)
            writer.add(*file(b"made", b"by a process"))
            return operation.commit_with_tree(sink, writer.close(), image.diff_ids, upper)

    with store.operation("build") as operation:
        image = add_image(operation, {"f": b"1"}, name="app")
        layer = commit(operation, b"by a process")
        chain = (*image.diff_ids, layer.diff_id)
        trees = operation.layer_trees(chain)
        assert (trees[-1] / "made").read_bytes() == b"by a process"
        assert operation.find_layer(layer.diff_id) == layer
        with store.open_layer(layer.diff_id) as plain:
            assert index_layer(plain) == store.layer_index(layer.diff_id)
        assert commit(operation, b"by another") == layer
        assert operation.layer_trees(chain) == trees
        assert (trees[-1] / "made").read_bytes() == b"by a process", "the first one stays"
        assert os.listdir(operation.ingest) == []
    assert check_store(store, full=True).problems == ()


@pytest.mark.parametrize(
    "upper",
    [
        [file(b"new/.wh.x", b"")],
        [file(b"d/.wh.never", b"")],
        [file(b"d/.wh.x", b""), file(b"d/.wh..wh..opq", b"")],
        [file(b"d/sub/.wh.y", b""), file(b".wh..wh..opq", b"")],
        [file(b"d/.wh.sub", b""), (Entry(b"d/sub", Kind.DIRECTORY, 0o755), b""), file(b"d/sub/.wh.y", b"")],
    ],
)
def test_no_whiteout_ever_shows_in_a_mount(tmp_path: Path, upper: list[tuple[Entry, bytes]]) -> None:
    # In a directory that only one layer has, the kernel lists whiteouts, although nothing can open them.
    lower, tree, merged = (tmp_path / name for name in ("lower", "tree", "merged"))
    for directory in (lower, tree, merged):
        directory.mkdir()
    apply_layer(io.BytesIO(raw_layer(file(b"d/x"), file(b"d/sub/y"))), lower, TreeForm.OVERLAY)
    apply_layer(io.BytesIO(raw_layer(*upper)), tree, TreeForm.OVERLAY, [lower])
    with mounted(merged, lower, tree):
        listed = {
            os.path.join(directory, name) for directory, names, files in os.walk(merged) for name in names + files
        }
        assert all(os.path.lexists(path) for path in listed)


@contextmanager
def mounted(target: Path, *lowers: Path) -> Iterator[None]:
    """The overlay of `lowers`, the lowest first, at `target`."""
    option = ":".join(str(lower) for lower in reversed(lowers))
    subprocess.run(["mount", "-t", "overlay", "-o", f"ro,lowerdir={option}", "overlay", str(target)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(target)], check=True)


# The law: unpacking and mounting show what the merged indexes show.

NAMES = st.sampled_from([b"a", b"b", b"c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(b"/".join)


@st.composite
def layers(draw: st.DrawFn) -> bytes:
    out = io.BytesIO()
    writer = LayerWriter(out)
    taken: set[bytes] = set()
    directories = {b""}
    for path in sorted(draw(st.sets(PATHS, max_size=8))):
        if path in taken or path.rpartition(b"/")[0] not in directories:
            continue
        taken.add(path)
        kind = draw(st.sampled_from(["file", "directory", "directory", "symlink", "whiteout", "opaque"]))
        mode, mtime_ns = draw(st.sampled_from([0o644, 0o755, 0o1777])), draw(st.integers(0, 5)) * SECOND
        if kind == "file":
            data = draw(st.binary(max_size=3))
            writer.add(Entry(path, mode=mode, size=len(data), mtime_ns=mtime_ns), data)
        elif kind == "symlink":
            writer.add(Entry(path, Kind.SYMLINK, 0o777, link=b"nowhere", mtime_ns=mtime_ns))
        elif kind == "whiteout":
            writer.add(whiteout(path))
        else:
            writer.add(Entry(path, Kind.DIRECTORY, mode, mtime_ns=mtime_ns))
            directories.add(path)
            if kind == "opaque":
                writer.add(opaque(path))
    writer.close()
    return out.getvalue()


def on_disk(root: Path) -> Iterator[tuple[object, ...]]:
    for directory, names, files in os.walk(os.fsencode(root)):
        for name in names + files:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            link = os.readlink(path) if stat.S_ISLNK(status.st_mode) else b""
            data = Path(os.fsdecode(path)).read_bytes() if stat.S_ISREG(status.st_mode) else b""
            yield (
                os.path.relpath(path, os.fsencode(root)),
                stat.S_IFMT(status.st_mode),
                stat.S_IMODE(status.st_mode),
                status.st_mtime_ns,
                link,
                data,
            )


def in_indexes(stack: list[bytes]) -> Iterator[tuple[object, ...]]:
    types = {Kind.FILE: stat.S_IFREG, Kind.DIRECTORY: stat.S_IFDIR, Kind.SYMLINK: stat.S_IFLNK}
    for node in MergedTree([index_layer(io.BytesIO(layer)) for layer in stack]).walk():
        entry = node.entry
        data = stack[node.layer][node.offset : node.offset + entry.size] if entry.kind is Kind.FILE else b""
        yield entry.path, types[entry.kind], entry.mode, entry.mtime_ns, entry.link, data


@settings(max_examples=60, deadline=None)
@given(st.lists(layers(), min_size=1, max_size=4))
def test_unpacked_mounted_and_indexed_trees_are_alike(stack: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        flat, merged = Path(scratch) / "flat", Path(scratch) / "merged"
        flat.mkdir()
        merged.mkdir()
        apply(flat, *stack)
        trees = [Path(scratch) / "empty"]
        trees[0].mkdir()
        for number, layer in enumerate(stack):
            tree = Path(scratch) / str(number)
            tree.mkdir()
            apply_layer(io.BytesIO(layer), tree, TreeForm.OVERLAY, trees)
            trees.append(tree)
        expected = sorted(in_indexes(stack))
        with mounted(merged, *trees):
            assert sorted(on_disk(merged)) == expected
        assert sorted(on_disk(flat)) == expected
