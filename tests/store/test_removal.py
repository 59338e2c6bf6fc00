"""Removal by docker's rules."""

from __future__ import annotations

import os

import pytest

from dockerlang.errors import ConflictError, NotFoundError
from dockerlang.oci.digest import Digest, chain_ids
from dockerlang.oci.reference import parse_reference
from dockerlang.store.operation import Operation
from dockerlang.store.records import ContainerState, StoredImage
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.store.making import add_image


def tag(operation: Operation, image: StoredImage, *names: str) -> None:
    for name in names:
        operation.tag(parse_reference(name).with_default_tag(), image)


def pin_repo_digest(store: Store, image: StoredImage, repository: str) -> Digest:
    digest = Digest("sha256", "cd" * 32)
    with store.database.write() as connection:
        connection.execute("INSERT INTO repo_digest VALUES (?, ?, ?)", (repository, str(digest), str(image.id)))
    return digest


def test_one_of_several_names_goes_alone(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"}, name="app:1")
        tag(operation, image, "app:2")
        removal = remove_image(operation, "app:1")
        assert (removal.untagged, removal.deleted) == (["app:1"], [])
        assert operation.find("app:2") is not None


def test_the_image_goes_with_its_last_name_and_its_layers_are_named(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"}, {"b": b"2"}, name="app:1")
    with store.operation("test") as operation:
        removal = remove_image(operation, "app:1")
    assert removal.untagged == ["app:1"]
    assert removal.deleted == [image.id, *reversed(chain_ids(image.diff_ids))]
    assert os.listdir(store.layout.blobs) == []


def test_layers_that_another_image_has_stay(store: Store) -> None:
    with store.operation("test") as operation:
        base = add_image(operation, {"a": b"1"}, name="base")
        app = add_image(operation, {"b": b"2"}, name="app", parent=base)
        removal = remove_image(operation, "app")
        assert removal.deleted == [app.id, app.chain_ids[1]]
        assert operation.find("base") is not None


def test_by_id_an_image_with_one_name_goes_with_it(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, name="other/name:v2")
        removal = remove_image(operation, image.id.short)
    assert (removal.untagged, removal.deleted) == (["other/name:v2"], [image.id])


@pytest.mark.parametrize("second", ["app:2", "other:1"])
def test_by_id_an_image_with_two_names_needs_force(store: Store, second: str) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, name="app:1")
        tag(operation, image, second)
        with pytest.raises(ConflictError, match=r"must be forced.*referenced in multiple repositories"):
            remove_image(operation, image.id.short)
        removal = remove_image(operation, image.id.short, force=True)
    assert removal.untagged == ["app:1", second]
    assert removal.deleted == [image.id]


def test_digests_of_a_repository_go_with_its_last_tag(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, name="app:1")
        digest = pin_repo_digest(store, image, "docker.io/library/app")
        removal = remove_image(operation, "app:1")
    assert removal.untagged == ["app:1", f"app@{digest}"]
    assert removal.deleted == [image.id]


def test_untagged_parents_go_until_one_is_used_otherwise(store: Store) -> None:
    with store.operation("test") as operation:
        base = add_image(operation, {"a": b"1"}, name="base")
        first = add_image(operation, {"b": b"2"}, parent=base, is_step=True)
        second = add_image(operation, {"c": b"3"}, parent=first, is_step=True)
        branch = add_image(operation, {"d": b"4"}, parent=first, is_step=True)
        app = add_image(operation, parent=second, name="app", author="me")
        removal = remove_image(operation, "app")
        assert [digest for digest in removal.deleted if digest in {app.id, second.id}] == [app.id, second.id]
        assert operation.find(first.id) is not None, "a branch is built on it"
        assert operation.find(branch.id) is not None


def test_no_prune_keeps_parents(store: Store) -> None:
    with store.operation("test") as operation:
        step = add_image(operation, {"a": b"1"}, is_step=True)
        app = add_image(operation, parent=step, name="app", author="me")
        removal = remove_image(operation, "app", prune_parents=False)
        assert removal.deleted == [app.id]
        assert operation.find(step.id) is not None


def test_an_image_with_children_only_loses_its_name(store: Store) -> None:
    with store.operation("test") as operation:
        base = add_image(operation, {"a": b"1"}, name="base")
        add_image(operation, {"b": b"2"}, parent=base, name="app")
        removal = remove_image(operation, "base")
        assert (removal.untagged, removal.deleted) == (["base:latest"], [])
        with pytest.raises(ConflictError, match=r"cannot be forced.*dependent child images"):
            remove_image(operation, base.id.short, force=True)


def test_containers_hold_their_image(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"}, name="app")
        container = operation.add_container(image, name="c1", command=["sh"])
        with pytest.raises(ConflictError, match=r"must force.*container " + container.id[:12]):
            remove_image(operation, "app")
        with pytest.raises(ConflictError, match=r"must be forced.*stopped container"):
            remove_image(operation, image.id.short)
        operation.set_container_state(container, ContainerState.RUNNING)
        with pytest.raises(ConflictError, match=r"cannot be forced.*running container"):
            remove_image(operation, image.id.short, force=True)
        operation.set_container_state(container, ContainerState.EXITED, 0)
        removal = remove_image(operation, image.id.short, force=True)
        assert removal.deleted == [image.id], "its layer is still the container's"
    assert store.layout.blob(image.diff_ids[0]).exists()
    with store.operation("test") as operation:
        operation.remove_container(container)
    assert not store.layout.blob(image.diff_ids[0]).exists()
    assert not container.directory.exists()


@pytest.mark.parametrize("name", ["nosuch", "nosuch:1", "sha256:abc", "deadbeef", "ab" * 32])
def test_what_is_not_there_is_said_so(store: Store, name: str) -> None:
    with store.operation("test") as operation, pytest.raises(NotFoundError, match="No such image"):
        remove_image(operation, name, force=True)


def test_a_refused_removal_changes_nothing(store: Store) -> None:
    with store.operation("test") as operation:
        image = add_image(operation, {"a": b"1"}, name="app:1")
        tag(operation, image, "b:1")
        before = (store.root / "store.db").read_bytes()
        with pytest.raises(ConflictError):
            remove_image(operation, image.id.hex)
        assert (store.root / "store.db").read_bytes() == before
