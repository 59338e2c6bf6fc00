"""A name that stands for images of several platforms, through `save` and `load`."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from dockerlang.errors import InputError, NotFoundError
from dockerlang.oci.manifest import Index, parse_manifest
from dockerlang.oci.platform import host_platform, parse_platform
from dockerlang.oci.reference import parse_reference
from dockerlang.records import replace
from dockerlang.store.archive.load import LoadedImage, load_stream
from dockerlang.store.archive.save import save_images
from dockerlang.store.blobs import read_blob
from dockerlang.store.check import check_store
from dockerlang.store.documents import NamedDocument, main_image, name_document, named_document
from dockerlang.store.listing import select_images
from dockerlang.store.manifests import present_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.store import Store
from tests.cli.command import Command
from tests.store.making import add_image

APP = parse_reference("app:1")
ARCHITECTURES = ("amd64", "arm64", "s390x")


@pytest.fixture
def store(store: Store) -> Store:
    """A store in which `app:1` is an index over images of three platforms."""
    with store.operation("build") as operation:
        pairs = []
        for architecture in ARCHITECTURES:
            image = add_image(operation, {"base": b"1"}, {architecture: b"2"}, architecture=architecture, name="made")
            with store.database.read() as connection:
                descriptor = present_manifest(connection, store.layout, image.id)
            assert descriptor is not None
            manifest = parse_manifest(read_blob(store.layout, descriptor.digest), descriptor.media_type)
            assert not isinstance(manifest, Index)
            pairs.append((image, manifest))
        parts = [replace(manifest.descriptor, platform=image.config.platform) for image, manifest in pairs]
        name_document(operation, APP, main_image(pairs), NamedDocument(tuple(pairs), Index.build(parts)))
    return store


def saved(store: Store, *platforms: str) -> bytes:
    out = io.BytesIO()
    with store.operation("save") as operation:
        save_images(operation, ["app:1"], out, [parse_platform(platform) for platform in platforms])
    return out.getvalue()


def loaded(root: Path, archive: bytes, *platforms: str) -> tuple[Store, list[LoadedImage]]:
    store = Store.open(root)
    with store.operation("load") as operation:
        found = load_stream(operation, io.BytesIO(archive), [parse_platform(platform) for platform in platforms])
    assert list(check_store(store, full=True).problems) == []
    return store, found


def meaning(operation: Operation) -> tuple[list[str], str]:
    """The architectures that `app:1` stands for, and the digest of what it means; none for a single image."""
    named = named_document(operation, APP)
    if named is None:
        image = operation.find(APP)
        assert image is not None
        return [image.config.architecture], ""
    return [image.config.architecture for image, _ in named.images], str(named.document.digest)


def test_all_platforms_come_back_as_the_very_index(store: Store, tmp_path: Path) -> None:
    archive = saved(store)
    other, (found,) = loaded(tmp_path / "other", archive)
    assert [name.familiar for name in found.names] == ["app:1"]
    assert found.image.config.architecture == host_platform().architecture
    with store.operation("look") as here, other.operation("look") as there:
        assert meaning(here) == meaning(there)
        assert meaning(there)[0] == list(ARCHITECTURES)
    assert saved(other) == archive
    assert [row.names for row in select_images(other)] == [("docker.io/library/app:1",)]


@pytest.mark.parametrize("platforms", [("linux/arm64",), ("linux/s390x", "linux/amd64")], ids=",".join)
def test_some_platforms_are_loaded(store: Store, tmp_path: Path, platforms: Sequence[str]) -> None:
    other, (found,) = loaded(tmp_path / "other", saved(store), *platforms)
    assert [name.familiar for name in found.names] == ["app:1"]
    with other.operation("look") as operation:
        assert meaning(operation)[0] == [platform.partition("/")[2] for platform in platforms]
    assert len(select_images(other, all=True)) == len(platforms)


@pytest.mark.parametrize("platforms", [("linux/arm64",), ("linux/s390x", "linux/amd64")], ids=",".join)
def test_some_platforms_are_saved(store: Store, tmp_path: Path, platforms: Sequence[str]) -> None:
    archive = saved(store, *platforms)
    other, _ = loaded(tmp_path / "other", archive)
    with other.operation("look") as operation:
        assert meaning(operation)[0] == [platform.partition("/")[2] for platform in platforms]
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        table = tar.extractfile("manifest.json")
        assert table is not None
        assert [entry["RepoTags"] for entry in json.load(table)] == [["app:1"]]


def test_a_platform_that_is_not_there_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"app:1: there is no image for linux/ppc64le") as refused:
        saved(store, "linux/arm64", "linux/ppc64le")
    assert refused.value.hint == "there are some for linux/amd64, linux/arm64, linux/s390x"
    with pytest.raises(InputError, match="names no image for linux/ppc64le"):
        loaded(tmp_path / "other", saved(store), "linux/ppc64le")
    assert select_images(Store.open(tmp_path / "other"), all=True) == []


def test_an_archive_that_lacks_some_of_its_platforms_gives_the_others(store: Store, tmp_path: Path) -> None:
    """As docker writes where it has but one of them."""
    with store.operation("look") as operation:
        named = named_document(operation, APP)
        assert named is not None
        lacking = f"blobs/sha256/{named.images[1][1].digest.hex}"
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(saved(store))) as whole, tarfile.open(fileobj=out, mode="w") as part:
        for member in whole:
            if member.name != lacking:
                part.addfile(member, whole.extractfile(member) if member.isreg() else None)
    other, _ = loaded(tmp_path / "other", out.getvalue())
    with other.operation("look") as operation:
        assert meaning(operation)[0] == ["amd64", "s390x"]


def test_the_commands_take_platforms_repeated_or_with_commas(store: Store, tmp_path: Path) -> None:
    here, there = Command(store.root, tmp_path), Command(tmp_path / "other", tmp_path)
    assert here("save", "--platform", "linux/arm64,linux/s390x", "-o", "app.tar", "app:1").returncode == 0
    result = there("load", "-i", "app.tar", "--platform", "linux/arm64", "--platform", "linux/s390x")
    assert (result.returncode, result.stdout) == (0, "Loaded image: app:1\n")
    result = there("load", "-i", "app.tar", "--platform", "linux/amd64")
    assert result.returncode == 1
    assert "names no image for linux/amd64" in result.stderr
    result = here("save", "--platform", "nonsense/", "-o", "app.tar", "app:1")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
