"""Container records."""

from __future__ import annotations

import os
import signal

import pytest

from dockerlang.errors import ConflictError, InputError
from dockerlang.store.operation import Operation
from dockerlang.store.records import ContainerState, StoredImage
from dockerlang.store.removal import remove_image
from dockerlang.store.store import Store
from tests.store.making import add_image


@pytest.fixture
def image(store: Store) -> StoredImage:
    with store.operation("make") as operation:
        return add_image(operation, {"a": b"1"}, name="app")


def test_a_container_is_found_by_name_and_start_of_id(store: Store, image: StoredImage) -> None:
    with store.operation("run") as operation:
        container = operation.add_container(image, name="web", command=["sh", "-c", "x"])
    assert container.upper.is_dir()
    assert container.work.is_dir()
    for name in ("web", "/web", container.id, container.id[:9]):
        assert store.find_container(name) == container
    assert store.find_container("nosuch") is None
    assert store.containers() == (container,)
    assert (container.state, container.command) == (ContainerState.CREATED, ("sh", "-c", "x"))


def test_names_are_unique_and_well_formed(store: Store, image: StoredImage) -> None:
    with store.operation("run") as operation:
        first = operation.add_container(image, name="web")
        with pytest.raises(ConflictError, match=first.id):
            operation.add_container(image, name="web")
        with pytest.raises(InputError):
            operation.add_container(image, name="../up")
        assert operation.add_container(image).name != operation.add_container(image).name
    assert len(os.listdir(store.layout.containers)) == 3


def test_states_are_kept_and_the_exit_code_with_them(store: Store, image: StoredImage) -> None:
    with store.operation("run") as operation:
        container = operation.add_container(image, name="web")
        operation.set_container_state(container, ContainerState.RUNNING)
        assert store.containers()[0].state is ContainerState.RUNNING
        operation.set_container_state(container, ContainerState.EXITED, 3)
    (after,) = store.containers()
    assert (after.state, after.exit_code) == (ContainerState.EXITED, 3)


def run_and_be_killed(store: Store, image: StoredImage, *, auto_remove: bool) -> None:
    child = os.fork()
    if child == 0:
        operation: Operation = store.operation("run").__enter__()
        container = operation.add_container(image, name="web", auto_remove=auto_remove)
        operation.set_container_state(container, ContainerState.RUNNING)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_container_whose_process_was_killed_has_exited(store: Store, image: StoredImage) -> None:
    run_and_be_killed(store, image, auto_remove=False)
    (container,) = store.containers()
    assert (container.state, container.exit_code) == (ContainerState.EXITED, 137)


def test_one_that_was_to_be_removed_goes_with_the_next_sweep(store: Store, image: StoredImage) -> None:
    run_and_be_killed(store, image, auto_remove=True)
    with store.operation("rmi") as operation:
        remove_image(operation, "app", force=True)
    assert store.containers() == ()
    assert os.listdir(store.layout.containers) == []


def test_what_it_wrote_goes_with_a_container(store: Store, image: StoredImage) -> None:
    with store.operation("run") as operation:
        container = operation.add_container(image, name="web")
        (container.upper / "file").write_bytes(b"1")
        operation.remove_container(container)
    assert store.containers() == ()
    assert os.listdir(store.layout.containers) == []
    assert store.find("app") is not None
