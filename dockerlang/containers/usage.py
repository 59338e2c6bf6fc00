"""How much of the disk each image, container, volume and cache takes, how much the kinds take, and what could go."""

from __future__ import annotations

import sqlite3

from dockerlang.containers.settings import ContainerSettings, read_settings
from dockerlang.containers.volumes import users_of_volumes
from dockerlang.records import record
from dockerlang.store.cache_mounts import list_cache_mounts
from dockerlang.store.listing import select_images
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Container, ContainerState, ImageRow
from dockerlang.store.volumes import Volume, directory_size, list_volumes

REGULAR, CACHE_MOUNT = "regular", "exec.cachemount"
"""BuildKit's words for what a step made and for a directory of `RUN --mount=type=cache`."""


@record
class ImageUsage:
    """An image: the bytes of layers that other images have, too, and of those that it alone has; who uses it."""

    image: ImageRow
    shared: int
    unique: int
    containers: int


@record
class ContainerUsage:
    """A container, and how many bytes it wrote outside of mounts."""

    container: Container
    settings: ContainerSettings | None
    size: int

    @property
    def volumes(self) -> int:
        """How many volumes it mounts."""
        return sum(bool(mount.name) for mount in self.settings.mounts) if self.settings is not None else 0


@record
class VolumeUsage:
    """A volume, the bytes in it, and how many containers mount it."""

    volume: Volume
    size: int
    links: int


@record
class CacheUsage:
    """What a step of a build made, or a cache mount. `is_shared` says that an image has its layer, so that it is free.

    Times are in seconds since 1970, None where unknown; `uses` counts how often builds took it from the cache.
    """

    id: str
    kind: str
    size: int
    created: float | None
    last_used: float | None
    uses: int
    is_shared: bool


@record
class Usage:
    """One kind of thing: how many there are and are in use; bytes in all, and of what is not in use."""

    kind: str
    total: int
    active: int
    size: int
    reclaimable: int


@record
class DiskUsage:
    """All that takes room in a store."""

    images: tuple[ImageUsage, ...]
    containers: tuple[ContainerUsage, ...]
    volumes: tuple[VolumeUsage, ...]
    cache: tuple[CacheUsage, ...]
    layers_of_images: int
    """The bytes of the layers of images, each counted once."""
    layers_in_use: int
    """Of these, the bytes of those that a container needs."""

    @property
    def kinds(self) -> tuple[Usage, ...]:
        """The sums."""
        running = [one for one in self.containers if one.container.state is ContainerState.RUNNING]
        written = sum(one.size for one in self.containers)
        cached = sum(one.size for one in self.cache if not one.is_shared)
        return (
            Usage(
                "Images",
                len(self.images),
                sum(one.containers > 0 for one in self.images),
                self.layers_of_images,
                self.layers_of_images - self.layers_in_use,
            ),
            Usage(
                "Containers", len(self.containers), len(running), written, written - sum(one.size for one in running)
            ),
            Usage(
                "Local Volumes",
                len(self.volumes),
                sum(one.links > 0 for one in self.volumes),
                sum(one.size for one in self.volumes),
                sum(one.size for one in self.volumes if not one.links),
            ),
            Usage("Build Cache", len(self.cache), 0, cached, cached),
        )


def disk_usage(store: StoreReader) -> DiskUsage:
    """Images, containers, volumes, and what builds have left: the steps that no image has, and cache mounts."""
    store.measure()
    containers = store.containers()
    rows = select_images(store, all=True)
    ordinary = [row for row in rows if not row.is_step or row.names]
    layers = store.view(_layers)
    sizes = {diff_id: size for image in layers.values() for diff_id, size in image.items()}
    owners: dict[str, int] = {}
    for row in ordinary:
        for diff_id in layers.get(str(row.id), {}):
            owners[diff_id] = owners.get(diff_id, 0) + 1
    used = {diff_id for container in containers for diff_id in layers.get(str(container.image), {})}
    users = users_of_volumes(store)
    return DiskUsage(
        images=tuple(_image(row, layers.get(str(row.id), {}), owners, containers) for row in ordinary),
        containers=tuple(
            ContainerUsage(container, read_settings(container), directory_size(container.upper))
            for container in containers
        ),
        volumes=tuple(
            VolumeUsage(volume, directory_size(volume.data), len(users.get(volume.name, ())))
            for volume in list_volumes(store.layout)
        ),
        cache=(
            *_steps([row for row in rows if row.is_step and not row.names], layers, {*owners, *used}, store),
            *_cache_mounts(store),
        ),
        layers_of_images=sum(sizes[diff_id] for diff_id in owners),
        layers_in_use=sum(sizes[diff_id] for diff_id in owners.keys() & used),
    )


def _image(
    row: ImageRow, layers: dict[str, int], owners: dict[str, int], containers: tuple[Container, ...]
) -> ImageUsage:
    shared = sum(size for diff_id, size in layers.items() if owners[diff_id] > 1)
    users = sum(container.image == row.id for container in containers)
    return ImageUsage(row, shared, sum(layers.values()) - shared, users)


def _steps(
    steps: list[ImageRow], layers: dict[str, dict[str, int]], needed: set[str], store: StoreReader
) -> list[CacheUsage]:
    """Each layer counts where it was made: for the image below all others that have it."""
    uses = store.build_cache.uses()
    found, seen = [], set(needed)
    for row in sorted(steps, key=lambda row: len(layers.get(str(row.id), {}))):
        own = layers.get(str(row.id), {})
        new = own.keys() - seen
        seen |= new
        last_used, count = uses.get(next(reversed(own), ""), (row.created, 0))
        size = sum(own[diff_id] for diff_id in new)
        found.append(CacheUsage(row.id.hex, REGULAR, size, row.created, last_used, count, not new))
    return found


def _cache_mounts(store: StoreReader) -> list[CacheUsage]:
    return [
        CacheUsage(cache.name, CACHE_MOUNT, cache.size, cache.created, cache.last_used, 0, False)
        for cache in list_cache_mounts(store.layout)
    ]


def _layers(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """The layers of each image, lowest first, with the sizes of their files."""
    found: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        "SELECT image, diff_id, max(content_size, 0) FROM image_layer JOIN layer USING (diff_id) ORDER BY position"
    )
    for image, diff_id, size in rows:
        found.setdefault(image, {})[diff_id] = size
    return found
