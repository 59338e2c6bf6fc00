"""Archives of every kind go in; what is saved comes back digest for digest."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockerlang.errors import DockerlangError, InputError, NotFoundError, StoreError
from dockerlang.oci.reference import parse_reference
from dockerlang.store.archive.load import LoadedImage, load_directory, load_stream
from dockerlang.store.archive.save import save_images
from dockerlang.store.check import check_store
from dockerlang.store.listing import select_images
from dockerlang.store.operation import Operation
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.store.making import add_image, docker_archive, oci_layout, sha256, tar_of

LAYERS = [tar_of({"a": b"1"}), tar_of({"b": b"22"})]
FULL_NAME = {"io.containerd.image.name": "docker.io/library/app:1", "org.opencontainers.image.ref.name": "1"}


def load(store: Store, archive: bytes) -> list[LoadedImage]:
    with store.operation("load") as operation:
        return load_stream(operation, io.BytesIO(archive))


def save(store: Store, *names: str) -> bytes:
    out = io.BytesIO()
    with store.operation("save") as operation:
        save_images(operation, names, out)
    return out.getvalue()


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar if info.isfile()}  # type: ignore[union-attr]


def zstd(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd as codec
    else:
        from backports import zstd as codec
    return bytes(codec.compress(data))


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd])
def test_a_classic_archive_loads_however_it_is_compressed(store: Store, compress: Callable[[bytes], bytes]) -> None:
    (loaded,) = load(store, compress(tar_of(docker_archive(LAYERS, ["app:1", "app:2"]))))
    assert [name.familiar for name in loaded.names] == ["app:1", "app:2"]
    image = store.find("app:2")
    assert image is not None
    assert [str(diff_id) for diff_id in image.diff_ids] == [f"sha256:{sha256(layer)}" for layer in LAYERS]
    with store.open_layer(image.diff_ids[1]) as layer:
        assert layer.read() == LAYERS[1]


@pytest.mark.parametrize("compress", [gzip.compress, zstd])
def test_a_compressed_layer_is_kept_as_it_came(store: Store, compress: Callable[[bytes], bytes]) -> None:
    packed = compress(LAYERS[0])
    files = docker_archive([packed], diff_ids=[f"sha256:{sha256(LAYERS[0])}"])
    load(store, tar_of(files))
    assert (store.layout.blobs / sha256(packed)).read_bytes() == packed
    image = store.find("app:1")
    assert image is not None
    with store.open_layer(image.diff_ids[0]) as layer:
        layer.seek(512)
        assert layer.read(1) == b"1"


def test_a_layer_in_a_compression_without_media_type_is_kept_plain(store: Store) -> None:
    load(store, tar_of(docker_archive([lzma.compress(LAYERS[0])], diff_ids=[f"sha256:{sha256(LAYERS[0])}"])))
    assert (store.layout.blobs / sha256(LAYERS[0])).read_bytes() == LAYERS[0]


def test_an_image_without_names_loads_under_its_id(store: Store) -> None:
    (loaded,) = load(store, tar_of(docker_archive(LAYERS, None)))
    assert loaded.names == ()
    assert store.find(loaded.image.id) is not None


def test_names_with_a_leading_dot_and_links_to_equal_layers(store: Store) -> None:
    files = docker_archive([LAYERS[0], LAYERS[1]])
    table = json.loads(files["manifest.json"])
    first, second = table[0]["Layers"]
    # As old versions of docker saved a layer that the archive already had.
    config = json.loads(files[table[0]["Config"]])
    config["rootfs"]["diff_ids"][1] = config["rootfs"]["diff_ids"][0]
    files[table[0]["Config"]] = json.dumps(config).encode()
    files[second] = f"../{first}"
    load(store, tar_of({f"./{name}": data for name, data in files.items()}))
    image = store.find("app:1")
    assert image is not None
    assert image.diff_ids[0] == image.diff_ids[1]


@pytest.mark.parametrize(
    ("annotations", "names"),
    [
        (FULL_NAME, ["app:1"]),
        ({"org.opencontainers.image.ref.name": "team/app:3"}, ["team/app:3"]),
        ({"org.opencontainers.image.ref.name": "latest"}, []),
        ({}, []),
    ],
)
def test_an_oci_layout_names_images_by_annotations(store: Store, annotations: dict[str, str], names: list[str]) -> None:
    (loaded,) = load(store, tar_of(oci_layout(LAYERS[0], annotations)))
    assert [name.familiar for name in loaded.names] == names


def test_an_oci_layout_loads_from_a_directory(store: Store, tmp_path: Path) -> None:
    directory = tmp_path / "layout"
    for name, data in oci_layout(LAYERS[0], FULL_NAME).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(data, bytes)
        path.write_bytes(data)
    with store.operation("load") as operation:
        (loaded,) = load_directory(operation, directory)
    assert store.find("app:1") is not None
    assert [name.familiar for name in loaded.names] == ["app:1"]


def test_the_store_itself_is_a_layout_that_loads(store: Store, tmp_path: Path) -> None:
    with store.operation("make") as operation:
        image = add_image(operation, {"a": b"1"}, name="app:1")
    other = Store.open(tmp_path / "other")
    with other.operation("load") as operation:
        (loaded,) = load_directory(operation, store.root)
    assert loaded.image.id == image.id


def test_saving_and_loading_keeps_every_byte(store: Store, tmp_path: Path) -> None:
    load(store, tar_of(oci_layout(LAYERS[0], FULL_NAME)))
    load(store, tar_of(docker_archive(LAYERS, ["classic:1"])))
    with store.operation("make") as operation:
        base = operation.find("app:1")
        add_image(operation, {"c": b"3"}, parent=base, name="built:1")
    saved = save(store, "app:1", "classic", "built:1")
    other = Store.open(tmp_path / "other")
    load(other, saved)
    assert save(other, "app:1", "classic", "built:1") == saved
    ours = members(tar_of(oci_layout(LAYERS[0], FULL_NAME)))
    for name, data in ours.items():
        if name.startswith("blobs/"):
            assert members(saved)[name] == data


def test_a_saved_archive_is_both_docker_s_and_an_oci_layout(store: Store) -> None:
    with store.operation("make") as operation:
        image = add_image(operation, {"a": b"1"}, {"b": b"2"}, name="app:1")
    files = members(save(store, "app:1"))
    (entry,) = json.loads(files["manifest.json"])
    assert entry["RepoTags"] == ["app:1"]
    assert sha256(files[entry["Config"]]) == image.id.hex
    assert [f"sha256:{sha256(files[layer])}" for layer in entry["Layers"]] == [str(diff) for diff in image.diff_ids]
    (descriptor,) = json.loads(files["index.json"])["manifests"]
    assert descriptor["annotations"] == {
        "io.containerd.image.name": "docker.io/library/app:1",
        "org.opencontainers.image.ref.name": "1",
    }
    manifest = json.loads(files["blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")])
    assert manifest["config"]["digest"] == str(image.id)
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}


def test_blobs_come_before_the_lists_that_name_them(store: Store) -> None:
    with store.operation("make") as operation:
        add_image(operation, {"a": b"1"}, name="app:1")
    with tarfile.open(fileobj=io.BytesIO(save(store, "app:1"))) as tar:
        names = tar.getnames()
    assert names[-4:] == ["index.json", "manifest.json", "oci-layout", "repositories"]
    assert names[2:-4] == sorted(names[2:-4])


def test_what_is_saved_under_which_names(store: Store) -> None:
    with store.operation("make") as operation:
        image = add_image(operation, {"a": b"1"}, name="app:1")
        operation.tag(parse_reference("app:2"), image)
        operation.tag(parse_reference("app-other:1"), image)
    tags = [json.loads(members(save(store, name))["manifest.json"])[0]["RepoTags"] for name in ("app:2", "app")]
    assert tags == [["app:2"], ["app:1", "app:2"]]
    assert json.loads(members(save(store, image.id.short))["manifest.json"])[0]["RepoTags"] is None
    with pytest.raises(NotFoundError, match="No such image: nosuch:latest"):
        save(store, "nosuch")


def test_a_damaged_layer_is_not_saved(store: Store) -> None:
    with store.operation("make") as operation:
        image = add_image(operation, {"a": b"1"}, name="app:1")
    blob = store.layout.blob(image.diff_ids[0])
    blob.chmod(0o600)
    data = bytearray(blob.read_bytes())
    data[0] ^= 1
    blob.write_bytes(data)
    with pytest.raises(StoreError, match=str(image.diff_ids[0])):
        save(store, "app:1")
    blob.unlink()
    with pytest.raises(StoreError, match=str(image.diff_ids[0])):
        save(store, "app:1")


def test_loading_repairs_a_damaged_image(store: Store) -> None:
    archive = tar_of(oci_layout(LAYERS[0], FULL_NAME))
    load(store, archive)
    for blob in os.listdir(store.layout.blobs):
        os.unlink(store.layout.blobs / blob)
    assert check_store(store).problems != ()
    load(store, archive)
    assert check_store(store, full=True).problems == ()


def test_a_name_moves_to_the_loaded_image(store: Store) -> None:
    load(store, tar_of(docker_archive(LAYERS[:1])))
    old = store.find("app:1")
    (loaded,) = load(store, tar_of(docker_archive(LAYERS)))
    assert old is not None
    assert loaded.replaced == ((parse_reference("app:1"), old.id),)
    assert [row.is_dangling for row in select_images(store)].count(True) == 1


def _changed(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> bytes:
    files = docker_archive(LAYERS)
    (entry,) = json.loads(files["manifest.json"])
    change(files, entry)
    files["manifest.json"] = json.dumps([entry]).encode()
    return tar_of(files)


_PACKED = f"blobs/sha256/{sha256(gzip.compress(LAYERS[0], mtime=0))}"
BAD = {
    "empty": b"",
    "no archive": b"\x7fELF" + bytes(5000),
    "text": b"just a text\n" * 1000,
    "cut short": tar_of(docker_archive(LAYERS))[:3000],
    "cut short in gzip": gzip.compress(tar_of(docker_archive(LAYERS)))[:-20],
    "no lists": tar_of({"a": b"1"}),
    "lists of garbage": tar_of({"manifest.json": b"[[[", "index.json": b"\xff"}),
    "lists of the wrong type": tar_of({"manifest.json": b'{"Config": 1}'}),
    "empty list": tar_of({"manifest.json": b"[]"}),
    "wrong diff ID": tar_of(docker_archive(LAYERS, diff_ids=[f"sha256:{sha256(b'')}"] * 2)),
    "diff ID of another algorithm": tar_of(docker_archive(LAYERS[:1], diff_ids=["sha512:" + "ab" * 64])),
    "fewer layers than the config names": _changed(lambda _, entry: entry.update(Layers=entry["Layers"][:1])),
    "more layers than the config names": _changed(lambda _, entry: entry["Layers"].append(entry["Layers"][0])),
    "a layer that is missing": _changed(lambda files, entry: files.pop(entry["Layers"][1])),
    "a config that is missing": _changed(lambda files, entry: files.pop(entry["Config"])),
    "a config outside": _changed(lambda _, entry: entry.update(Config="../../../../etc/hostname")),
    "a layer outside": _changed(lambda _, entry: entry.update(Layers=["../x", "/etc/hostname"])),
    "a link outside": _changed(lambda files, entry: files.update({entry["Layers"][1]: "../../../etc/passwd"})),
    "a link in a circle": _changed(lambda files, entry: files.update({entry["Layers"][1]: "layer.tar"})),
    "a bad name": tar_of(docker_archive(LAYERS, ["UPPER/Case:1"])),
    "a layer that is no tar": tar_of(docker_archive([b"no tar at all" * 100])),
    "a layer that is cut short": tar_of(docker_archive([tar_of({"a": b"x" * 3000})[:1500]])),
    "a name outside": tar_of({"../escape": b"1", **docker_archive(LAYERS)}),
    "a damaged blob": tar_of({**oci_layout(LAYERS[0], FULL_NAME), _PACKED: b"?"}),
}  # fmt: skip


@pytest.mark.parametrize("read_at_once", [0, 1 << 20])
@pytest.mark.parametrize("archive", BAD.values(), ids=BAD.keys())
def test_a_bad_archive_is_refused_and_leaves_nothing(
    store: Store, archive: bytes, monkeypatch: pytest.MonkeyPatch, read_at_once: int
) -> None:
    monkeypatch.setattr("dockerlang.store.foreign_images.READ_AT_ONCE", read_at_once)
    with pytest.raises(DockerlangError) as caught:
        load(store, archive)
    assert isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)
    assert select_images(store, all=True) == []
    assert os.listdir(store.layout.blobs) == []
    assert os.listdir(store.layout.ingest) == []
    assert not (store.root.parent / "escape").exists()


def test_the_files_of_a_large_layer_are_hashed_when_it_is_first_used(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockerlang.store.foreign_images.READ_AT_ONCE", 0)
    (loaded,) = load(store, tar_of(docker_archive(LAYERS)))
    assert [row.size for row in select_images(store)] == [3]
    assert os.listdir(store.layout.indexes) == []
    entry = store.layer_index(loaded.image.diff_ids[1]).get(b"b")
    assert entry is not None
    assert entry.sha256.hex() == sha256(b"22")


def test_of_two_images_of_which_one_is_bad_none_is_kept(store: Store) -> None:
    good, bad = docker_archive(LAYERS), docker_archive(LAYERS[:1], ["bad:1"], diff_ids=[f"sha256:{sha256(b'')}"])
    table = [*json.loads(good["manifest.json"]), *json.loads(bad["manifest.json"])]
    with pytest.raises(InputError, match="damaged"):
        load(store, tar_of({**good, **bad, "manifest.json": json.dumps(table).encode()}))
    assert select_images(store, all=True) == []


def test_a_manifest_that_names_the_same_field_twice_is_refused(store: Store) -> None:
    files = docker_archive(LAYERS[:1])
    raw = files["manifest.json"]
    assert isinstance(raw, bytes)
    files["manifest.json"] = raw.replace(b'"RepoTags"', b'"RepoTags": [], "RepoTags"')
    with pytest.raises(InputError, match="twice"):
        load(store, tar_of(files))


def test_an_index_inside_the_index_gives_the_wanted_platform(store: Store) -> None:
    from dockerlang.oci.platform import parse_platform

    one, other = oci_layout(LAYERS[0], {}), oci_layout(LAYERS[1], {})
    manifests = [json.loads(files["index.json"])["manifests"][0] for files in (one, other)]
    for manifest, architecture in zip(manifests, ("amd64", "arm64"), strict=True):
        manifest["platform"] = {"os": "linux", "architecture": architecture}
    note = {**manifests[0], "platform": {"os": "unknown", "architecture": "unknown"}}
    note["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
    nested = json.dumps({"schemaVersion": 2, "manifests": [note, *manifests]}).encode()
    media_type = "application/vnd.oci.image.index.v1+json"
    descriptor = {"mediaType": media_type, "digest": f"sha256:{sha256(nested)}", "size": len(nested)}
    index = json.dumps({"schemaVersion": 2, "manifests": [{**descriptor, "annotations": FULL_NAME}]}).encode()
    archive = tar_of({**one, **other, f"blobs/sha256/{sha256(nested)}": nested, "index.json": index})
    for platform, layer in (("linux/amd64", LAYERS[0]), ("linux/arm64", LAYERS[1])):
        with store.operation("load") as operation:
            (loaded,) = load_stream(operation, io.BytesIO(archive), [parse_platform(platform)])
        assert [str(diff_id) for diff_id in loaded.image.diff_ids] == [f"sha256:{sha256(layer)}"]
    with store.operation("load") as operation, pytest.raises(InputError, match="linux/s390x"):
        load_stream(operation, io.BytesIO(archive), [parse_platform("linux/s390x")])


def test_pulled_and_plain_forms_of_a_layer_live_side_by_side_as_long_as_needed(store: Store) -> None:
    load(store, tar_of(docker_archive(LAYERS[:1], ["plain:1"])))
    load(store, tar_of(oci_layout(LAYERS[0], FULL_NAME)))
    with store.operation("rmi") as operation:
        remove_image(operation, "plain:1")
    assert save(store, "app:1")
    assert check_store(store, full=True).problems == ()


@pytest.mark.peer
def test_other_tools_read_what_we_write(store: Store, tmp_path: Path) -> None:
    load(store, tar_of(oci_layout(LAYERS[0], FULL_NAME)))
    with store.operation("make") as operation:
        add_image(operation, {"c": b"3"}, parent=operation.find("app:1"), name="built:1")
    archive = tmp_path / "saved.tar"
    archive.write_bytes(save(store, "built:1"))
    for number, source in enumerate(
        (f"docker-archive:{archive}", f"oci-archive:{archive}", f"oci:{store.root}:built:1")
    ):
        subprocess.run(["skopeo", "copy", "--quiet", source, f"dir:{tmp_path / str(number)}"], check=True)
    listing = subprocess.run(["umoci", "ls", "--layout", str(store.root)], check=True, capture_output=True, text=True)
    assert listing.stdout.split() == ["app:1", "built:1"]


def test_an_image_that_goes_while_it_is_saved_is_said_to_be_gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockerlang.store.archive import save as module

    load(store, tar_of(docker_archive(LAYERS[:1], ["app:1"])))
    looked_up = module._meant

    def removed_meanwhile(operation: Operation, name: str) -> object:
        found = looked_up(operation, name)
        with store.operation("rmi") as other:
            remove_image(other, name)
        return found

    monkeypatch.setattr(module, "_meant", removed_meanwhile)
    with pytest.raises(NotFoundError, match="No such image: app:1"):
        save(store, "app:1")
