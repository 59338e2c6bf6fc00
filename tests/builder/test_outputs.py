"""Laws of what is made of a built image: squashing keeps the files, clamping the contents, directories the tree."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from dockerlang.builder.outputs.built import BuiltImage
from dockerlang.builder.outputs.directory import OutputFailed, write_directory
from dockerlang.builder.outputs.root_files import root_files
from dockerlang.builder.outputs.squash import squashed
from dockerlang.builder.outputs.timestamps import with_clamped_times
from dockerlang.errors import InputError
from dockerlang.oci.tar import Entry, Kind, read_entries
from dockerlang.oci.tree import MergedTree
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage
from dockerlang.store.store import Store
from tests.store.making import add_image

# Few names, so that layers replace and remove what others have made; text is the target of a link.
NAMES = ["a", "b", "a/b", "a/c", "a/b/c", "b/a"]
DATA = st.sampled_from([b"", b"one", b"two", "a", "/b/a", "WHITEOUT"])
LAYERS = st.lists(st.dictionaries(st.sampled_from(NAMES), DATA, max_size=4), min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def _without_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")


def layer_files(layer: Mapping[str, bytes | str]) -> dict[str, bytes | str]:
    """The files of a layer without those below another one that is no directory; removals as whiteouts."""
    files: dict[str, bytes | str] = {}
    for name in sorted(layer):
        above = {name[:at] for at, character in enumerate(name) if character == "/"}
        if any(parent in layer for parent in above):
            continue
        data = layer[name]
        if data == "WHITEOUT":
            directory, _, last = name.rpartition("/")
            files[f"{directory}/.wh.{last}" if directory else f".wh.{last}"] = b""
        else:
            files[name] = data
    return files


def built_of(operation: Operation, layers: Sequence[Mapping[str, bytes | str]], base: int) -> BuiltImage:
    image = add_image(operation, *map(layer_files, layers))
    return BuiltImage(image.config.platform, image, base_layers=base, base_history=base)


def files_of(store: Store, image: StoredImage) -> dict[bytes, tuple[Entry, bytes]]:
    """All files by path; of directories the time does not count, it follows what happens in them."""
    tree = MergedTree([store.layer_index(layer) for layer in image.diff_ids])
    found = {}
    for node in tree.walk():
        entry = node.entry
        is_directory = entry.kind is Kind.DIRECTORY
        found[entry.path] = (Entry(entry.path, entry.kind, entry.mode) if is_directory else entry, node.sha256)
    return found


@settings(max_examples=60)
@given(LAYERS, st.integers(0, 3))
def test_squashing_keeps_every_file(layers: list[dict[str, bytes | str]], base: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = Store.open(Path(directory) / "store")
        with store.operation("test") as operation:
            try:
                built = built_of(operation, layers, min(base, len(layers)))
                before = files_of(store, built.image)
            except InputError:
                reject()  # Links may lead in circles: such an image cannot be.
            after = squashed(operation, built)
            assert files_of(store, after.image) == before
            assert len(after.image.diff_ids) <= built.base_layers + 1
            assert squashed(operation, built).image == after.image
        store.close()


def test_clamping_changes_younger_times_of_new_layers_alone(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store")
    with store.operation("test") as operation:
        image = add_image(operation, {"base": b"x"}, {"old": b"y", "d/": b""})
        built = BuiltImage(image.config.platform, image, base_layers=1, epoch=-5)
        assert with_clamped_times(operation, built).image.diff_ids[0] == image.diff_ids[0]
        clamped = with_clamped_times(operation, BuiltImage(image.config.platform, image, base_layers=0, epoch=7))
        with store.open_layer(clamped.image.diff_ids[1]) as stream:
            assert {entry.path: entry.mtime_ns for entry, _, _ in read_entries(stream)} == {b"old": 0, b"d": 0}
        assert with_clamped_times(operation, BuiltImage(image.config.platform, image, 0)).image == image


def test_a_directory_is_written_again_over_itself(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store")
    with store.operation("test") as operation:
        image = add_image(operation, {"d/": b"", "d/f": b"content", "link": "d/f"})
        for _ in range(2):
            with root_files(store, image) as files:
                write_directory(files, tmp_path / "out")
    assert (tmp_path / "out" / "link").read_bytes() == b"content"
    assert os.readlink(tmp_path / "out" / "link") == "d/f"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["d", "link"]


def test_a_destination_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputFailed, match="out"):
        write_directory(iter(()), tmp_path / "out")
