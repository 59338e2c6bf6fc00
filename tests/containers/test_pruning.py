"""Removing containers while others are about to run one."""

from __future__ import annotations

import pytest

from dockerlang.containers.pruning import blob_bytes, prune_containers
from dockerlang.containers.removal import remove_container
from dockerlang.errors import ConflictError
from dockerlang.store.records import ContainerState
from dockerlang.store.store import Store

pytestmark = pytest.mark.root


def test_one_that_is_about_to_run_is_left_alone(store: Store) -> None:
    with store.operation("run") as starting:
        image = starting.find("busybox")
        assert image is not None
        container = starting.add_container(image, name="starting")
        with store.operation("prune") as operation:
            assert prune_containers(operation, []).removed == []
            with pytest.raises(ConflictError, match="it is running"):
                remove_container(operation, "starting", kills=False)
        assert container.upper.is_dir()
    # Whoever was to run it has ended without it.
    with store.operation("prune") as operation:
        assert prune_containers(operation, []).removed == [container.id]
    assert not container.directory.exists()


def test_one_that_has_run_goes_although_its_maker_goes_on(store: Store) -> None:
    with store.operation("run") as other:
        image = other.find("busybox")
        assert image is not None
        container = other.add_container(image, name="done")
        other.set_container_state(container, ContainerState.EXITED, 0)
        with store.operation("prune") as operation:
            assert prune_containers(operation, []).removed == [container.id]


def test_a_blob_that_goes_while_blobs_are_measured_counts_nothing(store: Store) -> None:
    before = blob_bytes(store)
    # As one is that was listed a moment ago.
    link = store.layout.blobs / ("0" * 64)
    link.symlink_to("gone")
    try:
        assert blob_bytes(store) == before > 0
    finally:
        link.unlink()
