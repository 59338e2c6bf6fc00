"""Removes what builds have left behind: what they remember, the images of steps, and the caches that RUN mounts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from dockerlang.containers.pruning import Filters, Pruned, blob_bytes, refuse_others
from dockerlang.containers.usage import CACHE_MOUNT, REGULAR
from dockerlang.errors import ConflictError, NotFoundError
from dockerlang.records import record
from dockerlang.store.cache_mounts import (
    CacheMountDirectory,
    drop_doomed_cache_mounts,
    list_cache_mounts,
    remove_cache_mount,
)
from dockerlang.store.listing import BadFilterError, parse_moment, select_images
from dockerlang.store.operation import Operation
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import ImageRow
from dockerlang.store.removal import remove_image


@record
class _Candidate:
    """Something that could go: an image of a step that nothing is built on, or the directory of a cache mount."""

    last_used: float
    thing: ImageRow | CacheMountDirectory


def prune_build_cache(
    operation: Operation, filters: Filters, *, all: bool = False, keep_storage: int | None = None
) -> Pruned:
    """Forget what builds made of what, and remove images of steps and cache mounts that are not in use.

    Without `all`, what is remembered of the steps of named images stays, so that to build these again finds it. With
    `keep_storage` what was not used for longest goes, and only until what is left has at most so many bytes. The
    filters are `until`, by last use, and `type`. Raises BadFilterError.
    """
    refuse_others(filters, {"until", "type"})
    moments = [parse_moment(value) for key, value in filters if key == "until"]
    kinds = [value for key, value in filters if key == "type"] or [REGULAR, CACHE_MOUNT]
    for kind in kinds:
        if kind not in (REGULAR, CACHE_MOUNT):
            raise BadFilterError(f"Invalid filter 'type={kind}'", hint=f"there are {REGULAR} and {CACHE_MOUNT}")
    store = operation.store
    before = blob_bytes(store)
    pruned = Pruned()
    if REGULAR in kinds and keep_storage is None:
        kept = () if all else store.view(_results_of_named_images)
        store.build_cache.forget(min(moments) if moments else None, but=kept)
    if CACHE_MOUNT in kinds:
        drop_doomed_cache_mounts(store.layout)
    latest = min(moments) if moments else None
    while candidates := [one for one in _candidates(store, kinds) if latest is None or one.last_used < latest]:
        removed = 0
        for candidate in sorted(candidates, key=lambda one: one.last_used):
            if keep_storage is not None and build_cache_size(store) <= keep_storage:
                break
            removed += _remove(operation, candidate, pruned)
        if not removed:
            break
    operation.sweep()
    pruned.size += before - blob_bytes(store)
    return pruned


def build_cache_size(store: StoreReader) -> int:
    """The bytes of cache mounts, and of the layers that only images of steps have."""
    return store.view(_bytes_of_steps) + sum(cache.size for cache in list_cache_mounts(store.layout))


def _candidates(store: StoreReader, kinds: list[str]) -> Iterator[_Candidate]:
    if CACHE_MOUNT in kinds:
        for cache in list_cache_mounts(store.layout):
            yield _Candidate(cache.last_used, cache)
    if REGULAR in kinds:
        uses, layers = store.build_cache.uses(), store.view(_uppermost_layers)
        users = {container.image for container in store.containers()}
        for row in select_images(store, all=True):
            if row.is_step and not (row.names or row.digests or row.has_children or row.id in users):
                yield _Candidate(uses.get(layers.get(str(row.id), ""), (row.created or 0.0, 0))[0], row)


def _remove(operation: Operation, candidate: _Candidate, pruned: Pruned) -> bool:
    """Remove one thing and note it, unless somebody has begun to use it; whether it went."""
    thing = candidate.thing
    if isinstance(thing, CacheMountDirectory):
        if not remove_cache_mount(thing):
            return False
        pruned.removed.append(thing.name)
        pruned.size += thing.size
        return True
    try:
        removal = remove_image(operation, str(thing.id))
    except (ConflictError, NotFoundError):
        return False
    pruned.removed += [str(digest) for digest in removal.deleted]
    return True


def _results_of_named_images(connection: sqlite3.Connection) -> list[str]:
    """The IDs and layers of images that have a name, and of all that they are built on."""
    rows = connection.execute(
        "WITH RECURSIVE kept (id) AS ("
        " SELECT image FROM ref UNION SELECT image FROM repo_digest UNION SELECT id FROM image WHERE NOT is_step"
        " UNION SELECT parent FROM image JOIN kept USING (id) WHERE parent IS NOT NULL)"
        " SELECT id FROM kept UNION SELECT diff_id FROM image_layer JOIN kept ON kept.id = image"
    )
    # Nothing is the result of what only notes when an image was made.
    return ["", *(str(row[0]) for row in rows)]


def _uppermost_layers(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT image, diff_id FROM image_layer ORDER BY position").fetchall())


def _bytes_of_steps(connection: sqlite3.Connection) -> int:
    row = connection.execute(
        "SELECT coalesce(sum(max(content_size, 0)), 0) FROM layer WHERE diff_id IN"
        " (SELECT diff_id FROM image_layer JOIN image ON image.id = image WHERE is_step)"
        " AND diff_id NOT IN (SELECT diff_id FROM image_layer JOIN image ON image.id = image WHERE NOT is_step)"
        " AND diff_id NOT IN (SELECT diff_id FROM container_layer)"
    ).fetchone()
    return int(row[0])
