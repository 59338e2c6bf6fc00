"""Removes what nothing uses any more: images, containers, volumes. Says what went and its size."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from dockerlang.containers.removal import remove_container
from dockerlang.containers.volumes import users_of_volumes
from dockerlang.errors import ConflictError, NotFoundError
from dockerlang.store.leases import is_alive
from dockerlang.store.listing import BadFilterError, has_labels, parse_moment, select_images
from dockerlang.store.operation import Operation
from dockerlang.store.partial import drop_partial_blobs
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import ContainerState
from dockerlang.store.removal import remove_image
from dockerlang.store.volumes import directory_size, list_volumes, remove_volume, volumes_lock

Filters = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Pruned:
    """Lines that name what was removed, and the bytes that came free."""

    removed: list[str] = field(default_factory=list)
    size: int = 0


def prune_images(operation: Operation, filters: Filters, *, all: bool) -> Pruned:
    """Remove untagged images that nothing is built on; with `all` every one that no container uses.

    `filters` are `until`, `label` and `label!`; without any, what was left of pulls that were cut off goes, too. Raises
    BadFilterError.
    """
    refuse_others(filters, {"until", "label", "label!", "dangling"})
    store = operation.store
    all = all or any(key == "dangling" and value.lower() in ("false", "0") for key, value in filters)
    chosen = [pair for pair in filters if pair[0] != "dangling"]
    before = blob_bytes(store)
    pruned = Pruned()
    for row in select_images(store, chosen):
        used = {container.image for container in store.containers()}
        if row.id in used or not (all or row.is_dangling):
            continue
        try:
            removal = remove_image(operation, str(row.id), force=True)
        except (ConflictError, NotFoundError):
            # Something is built on it, or it went as another one's parent.
            continue
        pruned.removed += [f"untagged: {name}" for name in removal.untagged]
        pruned.removed += [f"deleted: {digest}" for digest in removal.deleted]
    operation.sweep()
    pruned.size = before - blob_bytes(store)
    if not filters:
        pruned.size += drop_partial_blobs(store.layout, older_than=0.0)
    return pruned


def prune_containers(operation: Operation, filters: Filters) -> Pruned:
    """Remove containers that do not run. `filters` are `until`, `label` and `label!`. Raises BadFilterError."""
    from dockerlang.containers.settings import read_settings

    refuse_others(filters, {"until", "label", "label!"})
    moments = [parse_moment(value) for key, value in filters if key == "until"]
    pruned = Pruned()
    for container in operation.store.containers():
        settings = read_settings(container)
        labels = settings.labels if settings is not None else {}
        is_chosen = container.state is not ContainerState.RUNNING and not any(
            container.created >= moment for moment in moments
        )
        if container.state is ContainerState.CREATED and is_alive(operation.store.layout, container.lease):
            # Another process is about to run it.
            continue
        if not is_chosen or not _fits(labels, filters):
            continue
        size = directory_size(container.upper)
        try:
            remove_container(operation, container.id, kills=False)
        except (ConflictError, NotFoundError):
            continue
        pruned.removed.append(container.id)
        pruned.size += size
    return pruned


def prune_volumes(store: StoreReader, filters: Filters, *, all: bool) -> Pruned:
    """Remove volumes that no container mounts and nobody named; with `all` the named ones, too.

    `filters` are `label`, `label!` and `all`. Raises BadFilterError.
    """
    refuse_others(filters, {"label", "label!", "all"})
    all = all or any(key == "all" and value.lower() in ("true", "1") for key, value in filters)
    pruned = Pruned()
    with volumes_lock(store.layout):
        users = users_of_volumes(store)
        for volume in list_volumes(store.layout):
            if volume.name in users or not (all or volume.is_anonymous) or not _fits(volume.labels, filters):
                continue
            size = directory_size(volume.directory)
            remove_volume(store.layout, volume)
            pruned.removed.append(volume.name)
            pruned.size += size
    return pruned


def _fits(labels: object, filters: Filters) -> bool:
    assert isinstance(labels, dict)
    wanted = [value for key, value in filters if key == "label"]
    return has_labels(labels, wanted) and not any(has_labels(labels, [v]) for k, v in filters if k == "label!")


def refuse_others(filters: Filters, known: set[str]) -> None:
    """Raise BadFilterError for a filter of another kind."""
    for key, _ in filters:
        if key not in known:
            raise BadFilterError(f"Invalid filter '{key}'", hint=f"possible are {', '.join(sorted(known))}")


def blob_bytes(store: StoreReader) -> int:
    """How many bytes the store's blobs take."""
    size = 0
    for entry in os.scandir(store.layout.blobs):
        # Another process may remove it just now.
        with suppress(FileNotFoundError):
            size += entry.stat().st_size
    return size
