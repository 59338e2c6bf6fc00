"""A store's directory: how it comes to be, and which directories are refused."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from dockerlang.errors import InputError, StoreError
from dockerlang.oci.digest import Digest
from dockerlang.store.layout import VERSION
from dockerlang.store.store import Store


def test_a_new_store_is_an_empty_oci_layout(store: Store) -> None:
    assert json.loads((store.root / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert json.loads((store.root / "index.json").read_bytes())["manifests"] == []


def test_nobody_else_may_look_inside(store: Store) -> None:
    assert stat.S_IMODE(os.stat(store.root).st_mode) == 0o700


def test_a_newer_version_is_refused(store: Store) -> None:
    (store.root / "VERSION").write_text(f"{VERSION + 1} overlay\n")
    with pytest.raises(StoreError, match=f"version {VERSION + 1}"):
        Store.open(store.root)


def test_a_directory_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match=r"thesis\.txt"):
        Store.open(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_creation_that_was_interrupted_is_done_again(tmp_path: Path) -> None:
    whole = Store.open(tmp_path / "store")
    (whole.root / "VERSION").unlink()
    (whole.root / ".VERSION.cut-short").write_text("1")
    assert Store.open(whole.root).find("anything") is None


def test_a_directory_that_may_not_be_written_is_a_plain_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may write anywhere
    try:
        with pytest.raises(StoreError, match="cannot open the store"):
            Store.open(tmp_path / "store")
    finally:
        os.seteuid(user)


def test_a_file_in_place_of_the_directory_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot open the store"):
        Store.open(tmp_path / "file")


def test_only_sha256_has_a_place(store: Store) -> None:
    with pytest.raises(InputError, match="only sha256"):
        store.layout.blob(Digest("sha512", "ab" * 64))
