"""`system check`: every kind of damage is found, and repaired as far as can be."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from dockerlang.store.check import check_store, repair_store
from dockerlang.store.listing import select_images
from dockerlang.store.store import Store
from tests.store.making import add_image


def overwrite(path: os.PathLike[str], data: bytes) -> None:
    os.chmod(path, 0o600)
    with open(path, "wb") as file:
        file.write(data)


def lose_a_layer(store: Store) -> None:
    os.unlink(store.layout.blob(store_image(store).diff_ids[0]))


def cut_a_layer_short(store: Store) -> None:
    overwrite(store.layout.blob(store_image(store).diff_ids[0]), b"short")


def lose_a_config(store: Store) -> None:
    os.unlink(store.layout.blob(store_image(store).id))


def add_a_stranger(store: Store) -> None:
    (store.layout.blobs / ("ab" * 32)).write_bytes(b"who am I")


def add_a_tree(store: Store) -> None:
    (store.layout.layers / ("ab" * 32) / "fs").mkdir(parents=True)


def leave_an_ingest(store: Store) -> None:
    (store.layout.ingest / "dead").mkdir()


def leave_a_container(store: Store) -> None:
    (store.layout.containers / "dead" / "upper").mkdir(parents=True)


def forget_index_json(store: Store) -> None:
    os.unlink(store.root / "index.json")


def lose_a_tree(store: Store) -> None:
    with store.database.write() as connection:
        connection.execute("INSERT INTO tree VALUES (?, ?)", ("sha256:" + "cd" * 32, "sha256:" + "ef" * 32))


def store_image(store: Store):  # type: ignore[no-untyped-def]
    image = store.find("app:1")
    assert image is not None
    return image


@pytest.fixture
def filled(store: Store) -> Store:
    with store.operation("make") as operation:
        add_image(operation, {"a": b"1"}, name="app:1")
        add_image(operation, {"b": b"2"}, name="other:1")
    return store


def test_a_sound_store_has_no_problems(filled: Store) -> None:
    report = check_store(filled, full=True)
    assert (report.images, report.layers, report.problems) == (2, 2, ())


@pytest.mark.parametrize(
    ("damage", "subject"),
    [
        (lose_a_layer, "blob sha256:"),
        (cut_a_layer_short, "blob sha256:"),
        (lose_a_config, "blob sha256:"),
        (add_a_stranger, "blobs/sha256/abab"),
        (add_a_tree, "layers/abab"),
        (lose_a_tree, "tree sha256:cdcd"),
        (leave_an_ingest, "ingest/dead"),
        (leave_a_container, "containers/dead"),
        (forget_index_json, "index.json"),
    ],
)
def test_damage_is_found_and_repaired(filled: Store, damage: Callable[[Store], None], subject: str) -> None:
    damage(filled)
    problems = [str(problem) for problem in check_store(filled).problems]
    assert any(problem.startswith(subject) for problem in problems), problems
    with filled.operation("check") as operation:
        repair_store(operation)
    assert check_store(filled, full=True).problems == ()
    assert "docker.io/library/other:1" in [name for row in select_images(filled) for name in row.names]


def test_what_lost_a_layer_is_named_and_removed(filled: Store) -> None:
    image = store_image(filled)
    lose_a_layer(filled)
    messages = [str(problem) for problem in check_store(filled).problems]
    assert f"image {image.id}: is not complete; it is named docker.io/library/app:1" in messages
    with filled.operation("check") as operation:
        assert f"removed the incomplete image {image.id}" in repair_store(operation)
    assert filled.find("app:1") is None


def test_only_a_full_check_sees_content_that_changed_in_place(filled: Store) -> None:
    blob = filled.layout.blob(store_image(filled).diff_ids[0])
    data = bytearray(blob.read_bytes())
    data[5] ^= 1
    overwrite(blob, bytes(data))
    assert check_store(filled).problems == ()
    (problem,) = check_store(filled, full=True).problems
    assert "another digest" in str(problem)
    with filled.operation("check") as operation:
        repair_store(operation, full=True)
    assert check_store(filled, full=True).problems == ()
    assert filled.find("app:1") is None


def test_an_image_that_a_container_uses_is_not_taken_away(filled: Store) -> None:
    with filled.operation("run") as operation:
        image = operation.find("app:1")
        assert image is not None
        operation.add_container(image, name="c1")
    lose_a_layer(filled)
    with filled.operation("check") as operation:
        assert any("which a container uses" in line for line in repair_store(operation))
    assert filled.find("app:1") is not None


def test_a_database_that_is_none_is_a_problem_and_no_traceback(filled: Store) -> None:
    from dockerlang.errors import StoreError

    overwrite(filled.root / "store.db", b"not a database" * 1000)
    with pytest.raises(StoreError, match="cannot use"):
        filled.find("app:1")
