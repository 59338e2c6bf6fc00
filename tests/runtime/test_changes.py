"""Layers out of uppers: by hand where one thing is to be seen, and as laws over random work."""

from __future__ import annotations

import io
import os
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlang.errors import RuntimeFailure
from dockerlang.oci.layer import LayerIndex, LayerWriter
from dockerlang.oci.tar import Entry, Kind
from dockerlang.oci.tree import MergedTree
from dockerlang.runtime.changes import changes
from dockerlang.runtime.layer_trees import MergedDirectory
from dockerlang.runtime.overlay import attribute_prefix
from dockerlang.runtime.root import Root
from dockerlang.runtime.scratch import remove_tree
from tests.runtime.conftest import Box, Outcome

OLD = 1_500_000_000_123_456_789


def summary(root: Root) -> list[str]:
    """The layer as lines: path, with `/` behind a directory, ` -> ` before a link's target."""
    marks = {Kind.DIRECTORY: "/", Kind.SYMLINK: " -> ", Kind.HARDLINK: " = "}
    return [f"{entry.path.decode()}{marks.get(entry.kind, '')}{entry.link.decode()}" for entry, _ in changes(root)]


@pytest.fixture
def root(tmp_path: Path) -> Root:
    for name in ("low/d/sub", "high/d"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("low/a", "low/d/x", "low/d/y", "low/d/sub/z", "high/d/h"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, ns=(OLD, OLD))
    return Root.create(tmp_path / "root", (tmp_path / "low", tmp_path / "high"))


def copy_up(root: Root, name: str) -> Path:
    """What the kernel does before a file of a lower layer is opened for writing."""
    source = next(lower / name for lower in reversed(root.lowers) if (lower / name).exists())
    target = root.upper / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    os.chmod(target, stat.S_IMODE(source.stat().st_mode))
    os.utime(target, ns=(OLD, OLD))
    return target


def test_nothing_changed(root: Root) -> None:
    assert summary(root) == []


def test_what_was_copied_up_and_is_the_same_is_left_out(root: Root) -> None:
    copy_up(root, "d/x")
    assert summary(root) == []


def test_equal_size_and_time_do_not_hide_other_content(root: Root) -> None:
    file = copy_up(root, "d/x")
    file.write_text("LOW/D/X"[: file.stat().st_size])
    os.utime(file, ns=(OLD, OLD))
    assert summary(root) == ["d/", "d/x"]


def test_attributes_alone_are_a_change(root: Root) -> None:
    os.utime(copy_up(root, "a"), ns=(OLD, OLD + 1))
    os.chmod(copy_up(root, "d/x"), 0o600)
    assert summary(root) == ["a", "d/", "d/x"]


def test_a_directory_is_listed_for_its_mode_but_not_for_its_time(root: Root) -> None:
    (root.upper / "d" / "sub").mkdir(parents=True)
    assert summary(root) == []
    (root.upper / "d" / "sub").chmod(0o700)
    assert summary(root) == ["d/", "d/sub/"]


def test_order_is_by_directory_and_then_by_bytes(root: Root) -> None:
    for name in ("b-", "b/c", "B", "bc", "b/a"):
        (root.upper / name).parent.mkdir(exist_ok=True)
        (root.upper / name).touch()
    assert summary(root) == ["B", "b/", "b/a", "b/c", "b-", "bc"]


def test_the_first_name_of_a_file_holds_its_content(root: Root) -> None:
    (root.upper / "z").write_text("content")
    for name in ("m", "zz"):
        os.link(root.upper / "z", root.upper / name)
    assert summary(root) == ["m", "z = m", "zz = m"]


def test_a_link_to_an_unchanged_file_is_a_file_of_its_own(root: Root) -> None:
    os.link(copy_up(root, "a"), root.upper / "b")
    assert summary(root) == ["b"]


def test_whiteouts_come_first_and_only_for_what_was_there(root: Root) -> None:
    (root.upper / "d").mkdir()
    for name in ("d/x", "d/h", "d/never"):
        os.mknod(root.upper / name, stat.S_IFCHR, 0)
    (root.upper / "d" / "!").touch()
    assert summary(root) == ["d/", "d/.wh.h", "d/.wh.x", "d/!"]
    whiteout = next(entry for entry, _ in changes(root) if b".wh." in entry.path)
    assert whiteout == Entry(b"d/.wh.h", mode=0)


@pytest.mark.root
def test_a_replaced_directory_hides_by_name_all_that_was_in_it(root: Root) -> None:
    (root.upper / "d" / "sub").mkdir(parents=True)
    (root.upper / "d" / "sub" / "new").touch()
    (root.upper / "d" / "y").write_text("other")
    os.setxattr(root.upper / "d", f"{attribute_prefix()}opaque", b"y")
    assert summary(root) == ["d/", "d/.wh.h", "d/.wh.x", "d/sub/", "d/sub/.wh.z", "d/sub/new", "d/y"]


def test_kinds_may_change(root: Root) -> None:
    (root.upper / "a").mkdir()
    (root.upper / "d").symlink_to("a")
    assert summary(root) == ["a/", "d -> a"]


def test_the_kernels_attributes_and_sockets_stay_away(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    (root.upper / "f").touch()
    os.setxattr(root.upper / "f", "user.colour", b"\0red")
    os.setxattr(root.upper / "f", "user.overlay.origin", b"x")
    monkeypatch.chdir(root.upper)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
    [(entry, _)] = changes(root)
    assert (entry.path, dict(entry.xattrs)) == (b"f", {b"user.colour": b"\0red"})


def test_times_before_1970_become_1970(root: Root) -> None:
    (root.upper / "f").touch()
    os.utime(root.upper / "f", ns=(-1, -5))
    [(entry, _)] = changes(root)
    assert entry.mtime_ns == 0


def test_a_file_that_looks_like_a_whiteout_is_refused(root: Root) -> None:
    (root.upper / ".wh.x").touch()
    with pytest.raises(RuntimeFailure, match=r"\.wh\.x"):
        summary(root)


def test_directories_may_be_deeper_than_python_recurses(root: Root) -> None:
    deep = root.upper
    for _ in range(1100):
        deep = deep / "d"
        deep.mkdir()
    assert len(summary(root)) > 1000
    # pytest's own clearing up recurses.
    remove_tree(root.upper)


def test_the_root_is_listed_only_when_it_changed(root: Root) -> None:
    root.upper.chmod(0o711)
    assert [(entry.path, entry.mode) for entry, _ in changes(root)] == [(b"", 0o711)]


# Laws

_PATHS = st.sampled_from(["a", "d", "d/x", "d/y", "d/sub", "d/sub/z", "e", "e/f", "d/sub/n"])
_COMMANDS = st.one_of(
    st.builds("rm -rf {}".format, _PATHS),
    st.builds("mkdir -p {}".format, _PATHS),
    st.builds("[ -p {0} ] || echo {1} > {0}".format, _PATHS, st.integers(0, 3)),
    st.builds("touch -d @{1} {0}".format, _PATHS, st.sampled_from([1_500_000_000, 1_600_000_000])),
    st.builds("chmod {1} {0}".format, _PATHS, st.sampled_from(["600", "755", "4711"])),
    st.builds("chown {1} {0}".format, _PATHS, st.sampled_from(["0:0", "1000:1001"])),
    st.builds("ln {} {}".format, _PATHS, _PATHS),
    st.builds("ln -s {} {}".format, _PATHS, _PATHS),
    # An overlay has no rename for directories of a layer; mv then copies them, rounding times.
    st.builds("[ -d {0} ] || mv {0} {1}".format, _PATHS, _PATHS),
    st.builds("mkfifo {}".format, _PATHS),
)
_SCRIPTS = st.lists(_COMMANDS, min_size=1, max_size=12)
_LAW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def work(box: Box, root: Root, commands: list[str]) -> Outcome:
    """Run commands in /w, over the layers of `root` and busybox."""
    box.lowers = (box.lowers[0], *root.lowers)
    outcome = box.run("; ".join(commands) + "; :", cwd="/")
    box.lowers = box.lowers[:1]
    return outcome


def layer_of(root: Root) -> tuple[LayerIndex, bytes]:
    archive = io.BytesIO()
    writer = LayerWriter(archive)
    for entry, open_data in changes(root):
        if entry.size:
            with open_data() as data:
                writer.add(entry, data)
        else:
            writer.add(entry)
    return writer.close(), archive.getvalue()


def without_times_of_now(root: Root) -> list[Entry]:
    return [replace(entry, mtime_ns=0) if entry.mtime_ns > 17 * 10**17 else entry for entry, _ in changes(root)]


@pytest.mark.root
@_LAW
@given(commands=_SCRIPTS)
def test_copies_and_overlays_give_the_same_layer(box: Box, copying_box: Box, root: Root, commands: list[str]) -> None:
    mounted, copied = (work(each, root, commands) for each in (box, copying_box))
    assert mounted.stderr == copied.stderr
    assert without_times_of_now(mounted.root) == without_times_of_now(copied.root)


@pytest.mark.root
@_LAW
@given(commands=_SCRIPTS)
def test_a_layer_on_its_base_is_what_the_process_left(box: Box, root: Root, commands: list[str]) -> None:
    outcome = work(box, root, commands)
    prefix = attribute_prefix()
    bases = [layer_of(Root((), lower, outcome.root.work))[0] for lower in outcome.root.lowers]
    tree = MergedTree([*bases, layer_of(outcome.root)[0]])
    seen = MergedDirectory.of((*outcome.root.lowers, outcome.root.upper), prefix)
    expected = {}
    pending = [(b"", seen)]
    while pending:
        path, directory = pending.pop()
        for name in directory.names():
            entry = directory.find(name)
            assert entry is not None
            full = path + b"/" + name if path else name
            status = entry.status
            is_directory = entry.directory is not None
            expected[full] = (
                stat.S_IMODE(status.st_mode),
                status.st_uid,
                status.st_gid,
                None if is_directory else status.st_mtime_ns,
                entry.link or b"",
                status.st_size if stat.S_ISREG(status.st_mode) else 0,
            )
            if entry.directory is not None:
                pending.append((full, entry.directory))
    actual = {
        node.entry.path: (
            node.entry.mode,
            node.entry.uid,
            node.entry.gid,
            None if node.entry.kind is Kind.DIRECTORY else node.entry.mtime_ns,
            node.entry.link,
            node.entry.size,
        )
        for node in tree.walk()
    }
    assert actual == expected
