"""Names that stand for an index over images of several platforms, or for a manifest with annotations."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from dataclasses import replace

import pytest

from dockerlang.errors import ConflictError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.manifest import Index, Manifest
from dockerlang.oci.reference import parse_reference
from dockerlang.store.archive.save import save_images
from dockerlang.store.check import check_store
from dockerlang.store.documents import NamedDocument, copy_document, name_document, named_document
from dockerlang.store.forms import stored_form
from dockerlang.store.inspection import inspect_image
from dockerlang.store.layout import VERSION
from dockerlang.store.listing import select_images
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.store.making import add_image

APP = parse_reference("app:1")


def manifest_of(operation: Operation, image: StoredImage, **annotations: str) -> Manifest:
    config = Descriptor(media.OCI_CONFIG, image.id, len(image.config_bytes))
    return Manifest.build(config, [stored_form(operation, layer) for layer in image.diff_ids], annotations=annotations)


def add_index(operation: Operation) -> NamedDocument:
    images = [add_image(operation, {"f": name.encode()}, architecture=name) for name in ("amd64", "arm64")]
    pairs = tuple((image, manifest_of(operation, image)) for image in images)
    parts = [replace(manifest.descriptor, platform=image.config.platform) for image, manifest in pairs]
    document = NamedDocument(pairs, Index.build(parts))
    name_document(operation, APP, images[0], document)
    return document


def test_a_name_means_an_index_and_here_one_image_of_it(store: Store) -> None:
    with store.operation("test") as operation:
        document = add_index(operation)
        assert named_document(operation, APP) == document
    found = store.find("app:1")
    assert found is not None
    assert found.config.architecture == "amd64"
    (entry,) = json.loads((store.root / "index.json").read_bytes())["manifests"]
    assert entry["digest"] == str(document.document.digest)
    shown = inspect_image(store, "app:1")
    assert shown is not None
    assert [row["Platform"] for row in shown["Manifests"]] == ["linux/amd64", "linux/arm64"]  # type: ignore[attr-defined]
    assert check_store(store, full=True).problems == ()


def test_images_of_an_index_are_hidden_and_kept_as_long_as_it_has_a_name(store: Store) -> None:
    with store.operation("test") as operation:
        arm = add_index(operation).images[1][0]
        copy_name(operation, "app:2")
    assert [row.names for row in select_images(store)] == [("docker.io/library/app:1", "docker.io/library/app:2")]
    with store.operation("test") as operation, pytest.raises(ConflictError, match="part of app:1"):
        remove_image(operation, str(arm.id), force=True)
    with store.operation("test") as operation:
        remove_image(operation, "app:1")
        assert operation.find(arm.id) is not None
        remove_image(operation, "app:2")
        assert operation.find(arm.id) is None
    # The pins of the operation above have kept what it removed: the next sweep takes it.
    with store.operation("test") as operation:
        add_image(operation, {"last": b""}, name="last:1")
    with store.operation("test") as operation:
        remove_image(operation, "last:1")
    assert list((store.root / "blobs" / "sha256").iterdir()) == []
    assert check_store(store).problems == ()


def test_the_whole_index_goes_by_the_id_of_its_main_image(store: Store) -> None:
    with store.operation("test") as operation:
        main = add_index(operation).images[0][0]
    with store.operation("test") as operation:
        assert len(remove_image(operation, str(main.id)).deleted) == 4
    assert select_images(store, all=True) == []


def test_a_name_that_moves_on_leaves_the_index_behind(store: Store) -> None:
    with store.operation("test") as operation:
        add_index(operation)
        operation.tag(APP, add_image(operation, {"g": b"new"}))
        assert named_document(operation, APP) is None
    assert len(select_images(store, [("dangling", "true")])) == 2


def test_an_annotated_manifest_belongs_to_its_name_alone(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"f": b"x"}, name="plain:1")
        annotated = manifest_of(operation, image, colour="green")
        name_document(operation, APP, image, NamedDocument(((image, annotated),), None))
    named = {
        entry["annotations"]["io.containerd.image.name"]: entry["digest"]
        for entry in json.loads((store.root / "index.json").read_bytes())["manifests"]
    }
    assert named["docker.io/library/app:1"] == str(annotated.digest)
    assert named["docker.io/library/plain:1"] != str(annotated.digest)


def test_an_archive_of_the_name_holds_all_platforms(store: Store) -> None:
    stream = io.BytesIO()
    with store.operation("test") as operation:
        document = add_index(operation)
        save_images(operation, ["app:1"], stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        names = set(tar.getnames())
        index = json.load(tar.extractfile("index.json"))  # type: ignore[arg-type]
        (table,) = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert index["manifests"][0]["mediaType"] == media.OCI_INDEX
    assert table["RepoTags"] == ["app:1"]
    parts = [part for image, manifest in document.images for part in (image.id, manifest.digest, *image.diff_ids)]
    assert {f"blobs/sha256/{part.hex}" for part in (*parts, document.document.digest)} <= names


def test_a_store_of_the_first_version_gets_the_new_tables(store: Store) -> None:
    with sqlite3.connect(store.layout.database) as connection:
        for table in ("ref_document", "document_manifest", "document"):
            connection.execute(f"DROP TABLE {table}")
    (store.root / "VERSION").write_text("1 overlay\n")
    with Store.open(store.root).operation("test") as operation:
        add_index(operation)
    assert (store.root / "VERSION").read_text() == f"{VERSION} overlay\n"


def copy_name(operation: Operation, name: str) -> None:
    image = operation.find(APP)
    assert image is not None
    operation.tag(parse_reference(name), image)
    copy_document(operation, APP, parse_reference(name))
