"""Operations: what they find and make stays until they end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dockerlang.errors import ConflictError, InputError, StoreError
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import parse_reference
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.store.making import add_image, add_layer, config_of, tar_of


def test_an_image_is_found_by_name_id_and_start_of_id(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"}, name="team/app:2")
        for name in ("team/app:2", "docker.io/team/app:2", str(image.id), image.id.hex, image.id.hex[:7], image.id):
            found = operation.find(name)
            assert found is not None, name
            assert found.id == image.id
            assert found.config == image.config
        assert operation.find("team/app") is None, "the tag that is left out is `latest`"


def test_a_name_of_hex_digits_means_the_name_first(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"})
        start = image.id.hex[:4]
        other = add_image(operation, {"b": b"2"}, name=start)
        found = operation.find(start)
        assert found is not None
        assert found.id == other.id


def test_the_start_of_two_ids_is_refused(store: Store) -> None:
    with store.operation("test") as operation:
        seen: dict[str, Digest] = {}
        number = 0
        while True:
            image = add_image(operation, author=str(number))
            if image.id.hex[0] in seen:
                break
            seen[image.id.hex[0]] = image.id
            number += 1
        with pytest.raises(ConflictError, match="more than one"):
            operation.find(image.id.hex[0])


def test_the_same_layer_twice_is_one_blob(store: Store) -> None:
    with store.operation("test") as operation:
        first, second = add_layer(operation, {"a": b"1"}), add_layer(operation, {"a": b"1"})
        assert first == second
        assert os.listdir(store.layout.blobs) == [first.hex]


def test_blobs_are_read_only_and_named_by_their_content(store: Store) -> None:
    with store.operation("test") as operation:
        diff_id = add_layer(operation, {"a": b"1"})
    assert store.layout.blob(diff_id).stat().st_mode & 0o777 == 0o444
    with store.open_layer(diff_id) as layer:
        assert layer.read() == tar_of({"a": b"1"})


def test_sizes_are_those_of_the_files_and_of_the_tar(store: Store) -> None:
    with store.operation("test") as operation, operation.new_layer() as sink:
        tar = tar_of({"a": b"12345", "b": b"678"})
        sink.write(tar)
        layer = sink.commit()
    assert (layer.content_size, layer.tar_size) == (8, len(tar))


def test_a_layer_that_is_not_committed_leaves_nothing(store: Store) -> None:
    with store.operation("test") as operation:
        with operation.new_layer() as sink:
            sink.write(b"half a lay")
        assert os.listdir(operation.ingest) == []
    assert os.listdir(store.layout.blobs) == []


def test_what_is_no_tar_cannot_become_a_layer(store: Store) -> None:
    with store.operation("test") as operation:
        with operation.new_layer() as sink:
            sink.write(b"this is not a tar archive" * 100)
            with pytest.raises(InputError):
                sink.commit()
        assert os.listdir(store.layout.blobs) == []


def test_an_image_needs_its_layers(store: Store) -> None:
    with store.operation("test") as operation:
        config = config_of([Digest("sha256", "ab" * 32)])
        with pytest.raises(StoreError, match="abab"):
            operation.add_image(config.to_bytes())
    assert store.find(Digest("sha256", "00" * 32)) is None


def test_a_damaged_layer_counts_as_absent_and_adding_it_again_repairs_it(store: Store) -> None:
    with store.operation("test") as operation:
        diff_id = add_layer(operation, {"a": b"1"})
        blob = store.layout.blob(diff_id)
        blob.chmod(0o600)
        blob.write_bytes(b"short")
        assert operation.find_layer(diff_id) is None
        with pytest.raises(StoreError, match=str(diff_id)):
            store.open_layer(diff_id)
        add_layer(operation, {"a": b"1"})
        assert operation.find_layer(diff_id) is not None
    with store.open_layer(diff_id) as layer:
        assert layer.read() == tar_of({"a": b"1"})


def test_content_that_an_operation_found_survives_the_removal_of_its_image(store: Store) -> None:
    with store.operation("maker") as operation:
        add_image(operation, {"a": b"1"}, name="app")
    with store.operation("user") as user:
        image = user.find("app")
        assert image is not None
        with store.operation("remover") as remover:
            remove_image(remover, "app")
        assert store.find("app") is None
        assert user.find_layer(image.diff_ids[0]) is not None
        user.tag(parse_reference("again"), image)
    found = store.find("again")
    assert found is not None
    assert found.id == image.id


def test_what_was_not_used_is_swept_once_its_operation_has_ended(store: Store) -> None:
    with store.operation("maker") as operation:
        lost = add_layer(operation, {"lost": b"1"})
        add_image(operation, {"a": b"1"}, name="app")
        with store.operation("other") as other:
            remove_image(other, "app")
        assert store.layout.blob(lost).exists(), "its maker still runs"
        add_image(operation, {"b": b"1"}, name="app")
    with store.operation("other") as other:
        remove_image(other, "app")
    assert os.listdir(store.layout.blobs) == []
    assert os.listdir(store.layout.indexes) == []


def test_moving_a_name_says_which_image_lost_it(store: Store) -> None:
    with store.operation("test") as operation:
        old, new = add_image(operation, {"a": b"1"}), add_image(operation, {"a": b"2"})
        reference = parse_reference("app")
        assert operation.tag(reference, old) is None
        assert operation.tag(reference, old) is None
        assert operation.tag(reference, new) == old.id


def test_index_json_follows_the_names(store: Store) -> None:
    with store.operation("test") as operation:
        add_image(operation, {"a": b"1"}, name="app:1")
        add_image(operation, {"a": b"2"}, name="registry.example/app:2")
        add_image(operation, {"a": b"3"})
    manifests = json.loads((store.root / "index.json").read_bytes())["manifests"]
    names = [entry["annotations"]["org.opencontainers.image.ref.name"] for entry in manifests]
    assert names == ["app:1", "registry.example/app:2"]
    for entry in manifests:
        manifest = json.loads(store.layout.blob(Digest.parse(entry["digest"])).read_bytes())
        for part in (manifest["config"], *manifest["layers"]):
            assert store.layout.blob(Digest.parse(part["digest"])).stat().st_size == part["size"]


def test_an_outdated_index_json_is_written_anew_by_the_next_operation(store: Store) -> None:
    with store.operation("test") as operation:
        add_image(operation, {"a": b"1"}, name="app")
    whole = (store.root / "index.json").read_bytes()
    (store.root / "index.json").write_bytes(b'{"schemaVersion":2,"manifests":[]}')
    with store.operation("next"):
        pass
    assert (store.root / "index.json").read_bytes() == whole


def test_scratch_directories_go_with_the_operation(store: Store) -> None:
    with store.operation("test") as operation:
        scratch = operation.scratch("upper")
        (scratch / "read-only").mkdir(mode=0o500)
        assert scratch.is_relative_to(store.root)
        assert operation.scratch("upper") != scratch
    assert os.listdir(store.layout.work) == []


def test_an_index_is_kept_in_a_file_and_made_again_where_that_is_damaged(store: Store) -> None:
    with store.operation("test") as operation:
        diff_id = add_layer(operation, {"a": b"1", "b": b"2"})
    path: Path = store.layout.layer_index(diff_id)
    good = path.read_bytes()
    for content in (b"", b"\0" * 100, good[:-3]):
        path.write_bytes(content)
        assert [item.entry.path for item in store.layer_index(diff_id)] == [b"a", b"b"]
        assert path.read_bytes() == good
