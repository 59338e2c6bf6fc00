"""The build cache: what is put in comes out, and losing it costs nothing but time."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlang.store.build_cache import BuildCache
from dockerlang.store.cache_records import FileKey, StepRecord
from dockerlang.store.store import Store


def record(key: str, *, created: float = 1000.0, result: str = "sha256:ab") -> StepRecord:
    return StepRecord(key, "Dockerfile:3", {"command": "make", "mounts": ["a"]}, result, created, created)


def test_a_step_comes_back_and_its_use_is_noted(store: Store) -> None:
    cache = store.build_cache
    cache.put(record("k"))
    before = time.time()
    found = cache.get("k")
    assert found is not None
    assert (found.place, found.ingredients, found.result) == ("Dockerfile:3", record("k").ingredients, "sha256:ab")
    assert cache.get("other") is None
    cache.note_uses()
    again = cache.get("k")
    assert again is not None
    assert again.last_used >= before > found.last_used


def test_the_newest_steps_of_a_place_come_first(store: Store) -> None:
    cache = store.build_cache
    for key, created in (("old", 1.0), ("new", 3.0), ("between", 2.0)):
        cache.put(record(key, created=created))
    assert [step.key for step in cache.steps_at("Dockerfile:3", 2)] == ["new", "between"]
    assert cache.steps_at("elsewhere", 9) == []


def test_the_files_of_a_step_go_with_it(store: Store) -> None:
    cache = store.build_cache
    cache.put(record("k"), b"list")
    cache.put(record("without"))
    assert cache.files_of("k") == b"list"
    assert cache.files_of("without") is None
    assert cache.forget(before=time.time() + 1) == 2
    assert cache.files_of("k") is None


def test_a_cache_of_the_first_version_is_kept(store: Store) -> None:
    store.build_cache.put(record("k"))
    with sqlite3.connect(store.layout.cache_database) as connection:
        connection.executescript("DROP TABLE listing; PRAGMA user_version = 1")
    assert store.build_cache.get("k") is not None
    store.build_cache.put(record("other"), b"list")
    assert store.build_cache.files_of("other") == b"list"


def test_a_step_that_is_put_again_replaces_the_first(store: Store) -> None:
    store.build_cache.put(record("k", result="sha256:aa"))
    store.build_cache.put(record("k", result="sha256:bb"))
    found = store.build_cache.get("k")
    assert found is not None
    assert found.result == "sha256:bb"


def test_a_damaged_cache_is_moved_aside(store: Store) -> None:
    store.build_cache.put(record("k"))
    store.layout.cache_database.write_bytes(b"not a database at all" * 100)
    assert store.build_cache.get("k") is None
    store.build_cache.put(record("k"))
    assert store.build_cache.get("k") is not None
    assert (store.root / "cache.db.damaged").exists()


def test_digests_of_files_are_known_while_nothing_about_them_changes(store: Store) -> None:
    digest = bytes.fromhex("ab" * 32)
    key = FileKey(b"/a/file", 5, 1, 2, 3)
    store.build_cache.remember_file_hashes({key: digest})
    changed = [
        FileKey(b"/a/file", 6, 1, 2, 3),
        FileKey(b"/a/file", 5, 9, 2, 3),
        FileKey(b"/a/file", 5, 1, 9, 3),
        FileKey(b"/a/file", 5, 1, 2, 9),
        FileKey(b"/b/file", 5, 1, 2, 3),
    ]
    assert store.build_cache.file_hashes([key]) == {key: digest}
    for other in changed:
        assert store.build_cache.file_hashes([other]) == {}


def test_a_file_that_was_just_written_is_not_remembered(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "fresh"
    path.write_bytes(b"1")
    key = FileKey.of(bytes(path), os.stat(path))
    store.build_cache.remember_file_hashes({key: bytes.fromhex("ab" * 32)})
    assert store.build_cache.file_hashes([key]) == {}


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.binary(min_size=1, max_size=20), st.integers(0, 2**62), max_size=30))
def test_any_number_of_files_of_any_name(tmp_path_factory: object, files: dict[bytes, int]) -> None:
    cache = BuildCache(tmp_path_factory.mktemp("cache") / "cache.db")  # type: ignore[attr-defined]
    hashes = {
        FileKey(path, size, 0, 0, 1): bytes.fromhex(f"{number:064x}")
        for number, (path, size) in enumerate(files.items())
    }
    cache.remember_file_hashes(hashes)
    assert cache.file_hashes(hashes) == hashes
