"""The merged tree: look-up through links, and the semantics of an overlay against a simple model."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dockerlang.errors import InputError
from dockerlang.oci.layer import index_layer, opaque, whiteout
from dockerlang.oci.tar import Kind
from dockerlang.oci.tree import MergedTree
from tests.oci.archives import Item, archive, directory, file, hardlink, symlink, tree_of

USR = tree_of(
    archive(
        symlink("bin", "usr/bin"),
        directory("usr"),
        directory("usr/bin"),
        file("usr/bin/sh", b"shell"),
        symlink("usr/bin/bash", "/bin/sh"),
        symlink("usr/up", "../../../etc"),
        directory("etc"),
        file("etc/passwd", b"root"),
        symlink("etc/alias", "alternatives/tool"),
        directory("etc/alternatives"),
        symlink("etc/alternatives/tool", "../../usr/bin/../bin/sh"),
        symlink("dangling", "no/where"),
        symlink("loop", "loop2"),
        symlink("loop2", "./loop"),
        symlink("self", "/"),
        hardlink("shell", "usr/bin/sh"),
    ),
    archive(file("etc/group", b"wheel"), (whiteout(b"usr/bin/nothing"), b"")),
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/bin/sh", "usr/bin/sh"),
        ("bin/bash", "usr/bin/sh"),
        ("etc/alias", "usr/bin/sh"),
        ("/usr/up/passwd", "etc/passwd"),
        ("/../../etc/./passwd", "etc/passwd"),
        ("/etc/../bin/../etc/passwd", None),
        ("/self/self/etc/passwd", "etc/passwd"),
        ("/etc/group", "etc/group"),
        ("/", ""),
        ("", ""),
        ("/bin/", "usr/bin"),
        ("/etc/passwd/x", None),
        ("dangling", None),
        ("nothing", None),
    ],
)
def test_links_are_followed_inside_the_root(path: str, found: str | None) -> None:
    node = USR.lookup(path.encode())
    assert (None if node is None else node.entry.path.decode()) == found


def test_dot_dot_behind_a_link_leaves_the_directory_it_leads_to() -> None:
    # /bin/.. is /usr, as the kernel walks; the text alone would say /.
    assert USR.resolve(b"/bin/../bin/sh") == b"usr/bin/sh"
    assert USR.resolve(b"/bin/..") == b"usr"
    assert USR.resolve(b"/dangling/x") == b"no/where/x"


def test_the_last_link_is_only_followed_if_asked_for() -> None:
    node = USR.lookup(b"/bin/bash", follow=False)
    assert node is not None
    assert (node.entry.path, node.entry.kind, node.entry.link) == (b"usr/bin/bash", Kind.SYMLINK, b"/bin/sh")
    assert USR.lookup(b"loop", follow=False) is not None
    assert USR.lookup(b"bin/", follow=False) == USR.lookup(b"usr/bin")


def test_a_loop_is_an_error() -> None:
    for path in (b"loop", b"loop/x"):
        with pytest.raises(InputError, match="too many symbolic links"):
            USR.lookup(path)


def test_forty_links_are_followed_and_no_more() -> None:
    links = [symlink(f"l{number}", f"l{number + 1}") for number in range(41)]
    tree = tree_of(archive(*links, file("l41", b"end")))
    found = tree.lookup(b"l1")
    assert found is not None
    assert found.entry.path == b"l41"
    with pytest.raises(InputError, match="too many"):
        tree.lookup(b"l0")


def test_names_of_one_file_share_its_inode() -> None:
    one, other, passwd = (USR.lookup(path) for path in (b"shell", b"bin/sh", b"etc/passwd"))
    assert one is not None
    assert other is not None
    assert passwd is not None
    assert one.inode == other.inode != passwd.inode
    assert one.entry.kind is Kind.FILE
    assert (one.offset, one.sha256) == (other.offset, other.sha256)


def test_children_are_those_of_the_directory_itself() -> None:
    names = [node.entry.path for node in USR.children(b"etc")]
    assert names == [b"etc/alias", b"etc/alternatives", b"etc/group", b"etc/passwd"]
    assert USR.children(b"/etc/") == USR.children(b"etc")
    assert USR.children(b"etc/passwd") == ()
    assert USR.children(b"bin") == ()
    assert USR.children(b"nothing") == ()
    layers = {node.entry.path: node.layer for node in USR.children(b"etc")}
    assert (layers[b"etc/group"], layers[b"etc/passwd"]) == (1, 0)


def test_a_walk_goes_down_before_it_goes_on() -> None:
    tree = tree_of(archive(file("a/b"), file("a.b"), file("a/a/c"), file("B")))
    assert [node.entry.path for node in tree.walk()] == [b"B", b"a", b"a/a", b"a/a/c", b"a/b", b"a.b"]
    assert [node.entry.path for node in tree.walk(b"/a")] == [b"a/a", b"a/a/c", b"a/b"]
    assert list(tree.walk(b"B")) == []


def test_no_layers_are_an_empty_root() -> None:
    tree = MergedTree([])
    root = tree.lookup(b"/")
    assert root is not None
    assert (root.entry.kind, root.layer) == (Kind.DIRECTORY, -1)
    assert list(tree.walk()) == []
    assert tree.lookup(b"x/y") is None


def test_an_opaque_directory_takes_its_attributes_from_where_they_are() -> None:
    tree = tree_of(archive(directory("d", mode=0o700), file("d/x")), archive((opaque(b"d"), b"")))
    node = tree.lookup(b"d")
    assert node is not None
    assert (node.entry.mode, node.layer) == (0o700, 0)
    assert tree.children(b"d") == ()


@pytest.mark.slow
def test_long_paths_that_do_not_exist_are_no_trouble() -> None:
    assert USR.lookup(b"x/" * 5000) is None


# The law: looking through the indexes gives what unpacking one layer after the other gives.


@dataclass
class Unpacked:
    """A tree as unpacking makes it: path -> (kind, mode or None for a directory nobody listed, layer)."""

    files: dict[str, tuple[Kind, int | None, int]]

    def apply(self, items: list[Item], layer: int) -> None:
        for entry, _ in items:
            directory_, _, name = entry.path.decode().rpartition("/")
            if name == ".wh..wh..opq":
                self.remove_below(directory_, layer)
            elif name.startswith(".wh."):
                self.remove(f"{directory_}/{name[4:]}".lstrip("/"), layer)
        for entry, _ in items:
            path = entry.path.decode()
            above, _, name = path.rpartition("/")
            self.make(above, layer)
            if name.startswith(".wh."):
                continue
            if entry.kind is not Kind.DIRECTORY or self.kind(path) is not Kind.DIRECTORY:
                self.remove(path, None)
            self.files[path] = entry.kind, entry.mode, layer

    def kind(self, path: str) -> Kind | None:
        return self.files[path][0] if path in self.files else None

    def make(self, path: str, layer: int) -> None:
        steps = path.split("/") if path else []
        for end in range(1, len(steps) + 1):
            step = "/".join(steps[:end])
            if self.kind(step) is not Kind.DIRECTORY:
                self.files[step] = Kind.DIRECTORY, None, layer

    def remove(self, path: str, layer: int | None) -> None:
        self.files.pop(path, None)
        self.remove_below(path, layer)

    def remove_below(self, path: str, layer: int | None) -> None:
        for found in [found for found in self.files if found.startswith(f"{path}/" if path else "")]:
            del self.files[found]


_PATHS = st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map("/".join)
_MODES = st.sampled_from([0o700, 0o750, 0o755])
_ITEMS = st.one_of(
    st.builds(lambda path, mode: file(path, mode=mode), _PATHS, _MODES),
    st.builds(lambda path, mode: directory(path, mode=mode), _PATHS, _MODES),
    _PATHS.map(lambda path: (whiteout(path.encode()), b"")),
    (_PATHS | st.just("")).map(lambda path: (opaque(path.encode()), b"")),
)


# A path that stands twice in one layer is left out: of such, only the last counts, and engines differ.
_LAYERS = st.lists(_ITEMS, max_size=5, unique_by=lambda item: item[0].path)


@given(st.lists(_LAYERS, min_size=1, max_size=4))
def test_merging_is_unpacking(layers: list[list[Item]]) -> None:
    try:
        tree = tree_of(*(archive(*items) for items in layers))
    except InputError:
        # A file and entries below it in one layer.
        assume(False)
    unpacked = Unpacked({})
    for number, items in enumerate(layers):
        unpacked.apply(items, number)
    expected = {path: (kind, mode) for path, (kind, mode, _) in unpacked.files.items()}
    found = {
        node.entry.path.decode(): (node.entry.kind, None if node.layer < 0 else node.entry.mode) for node in tree.walk()
    }
    assert found == expected
    for path in expected:
        node = tree.lookup(path.encode())
        assert node is not None
        assert node in tree.children(path.rpartition("/")[0].encode())


@given(st.lists(_LAYERS, min_size=1, max_size=4))
def test_a_layer_put_on_a_view_changes_only_the_new_view(layers: list[list[Item]]) -> None:
    archives = [archive(*items) for items in layers]
    try:
        indexes = [index_layer(io.BytesIO(data)) for data in archives]
        whole = MergedTree(indexes)
    except InputError:
        assume(False)
    below = MergedTree(indexes[:-1])
    before = list(below.walk())
    above = below.with_layer(indexes[-1])
    assert list(above.walk()) == list(whole.walk())
    assert above.layers == whole.layers
    assert list(below.walk()) == before == list(MergedTree(indexes[:-1]).walk())
