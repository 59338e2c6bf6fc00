"""A disk that is full, or cannot be written: a plain error, and a store that goes on."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.errors import StoreError
from dockerlang.store.archive.load import load_stream
from dockerlang.store.check import check_store
from dockerlang.store.listing import select_images
from dockerlang.store.store import Store
from tests.store.making import docker_archive, tar_of

pytestmark = pytest.mark.root


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Store]:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
    try:
        yield Store.open(disk / "store")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_image_that_does_not_fit_leaves_the_store_as_it_was(small: Store) -> None:
    fits = tar_of(docker_archive([tar_of({"a": b"1"})], ["fits:1"]))
    too_large = tar_of(docker_archive([tar_of({"a": b"x" * 3_000_000})], ["large:1"]))
    with small.operation("load") as operation:
        load_stream(operation, io.BytesIO(fits))
    with pytest.raises(StoreError, match="No space left"), small.operation("load") as operation:
        load_stream(operation, io.BytesIO(too_large))
    assert [row.names for row in select_images(small)] == [("docker.io/library/fits:1",)]
    assert check_store(small, full=True).problems == ()


def test_a_disk_that_became_read_only_can_still_be_read(small: Store) -> None:
    fits = tar_of(docker_archive([tar_of({"a": b"1"})], ["fits:1"]))
    with small.operation("load") as operation:
        load_stream(operation, io.BytesIO(fits))
    disk = str(small.root.parent)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    assert Store.open(small.root).find("fits:1") is not None
    with pytest.raises(StoreError), small.operation("load") as operation:
        load_stream(operation, io.BytesIO(fits))
