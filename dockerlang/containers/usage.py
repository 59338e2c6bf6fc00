"""How much of the disk images, containers, volumes and the build cache take, and how much could be had back."""

from __future__ import annotations

import sqlite3

from dockerlang.containers.volumes import users_of_volumes
from dockerlang.records import record
from dockerlang.store.listing import select_images
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import ContainerState
from dockerlang.store.volumes import directory_size, list_volumes


@record
class Usage:
    """One kind of thing: how many there are and are in use; bytes in all, and of what is not in use."""

    kind: str
    total: int
    active: int
    size: int
    reclaimable: int


def disk_usage(store: StoreReader) -> tuple[Usage, ...]:
    """Images (layers counted once), containers, volumes, and the steps of builds that no image is built on."""
    store.measure()
    containers = store.containers()
    used = {container.image for container in containers}
    rows = select_images(store, all=True)
    ordinary = [row for row in rows if not row.is_step or row.names]
    steps = [row for row in rows if row.is_step and not row.names]
    layers = store.view(_layers)
    of_ordinary = set().union(*(layers.get(str(row.id), {}).keys() for row in ordinary))
    of_used = set().union(*(layers.get(str(row.id), {}).keys() for row in rows if row.id in used))
    sizes = {diff_id: size for image in layers.values() for diff_id, size in image.items()}
    of_steps = sizes.keys() - of_ordinary - of_used
    written = {container.id: directory_size(container.upper) for container in containers}
    running = [container for container in containers if container.state is ContainerState.RUNNING]
    users = users_of_volumes(store)
    volumes = {volume.name: directory_size(volume.data) for volume in list_volumes(store.layout)}
    return (
        Usage(
            "Images",
            len(ordinary),
            sum(row.id in used for row in ordinary),
            sum(sizes[layer] for layer in of_ordinary),
            sum(sizes[layer] for layer in of_ordinary - of_used),
        ),
        Usage(
            "Containers",
            len(containers),
            len(running),
            sum(written.values()),
            sum(written.values()) - sum(written[container.id] for container in running),
        ),
        Usage(
            "Local Volumes",
            len(volumes),
            sum(name in users for name in volumes),
            sum(volumes.values()),
            sum(size for name, size in volumes.items() if name not in users),
        ),
        Usage("Build Cache", len(steps), 0, *[sum(sizes[layer] for layer in of_steps)] * 2),
    )


def _layers(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """The layers of each image with the sizes of their files."""
    found: dict[str, dict[str, int]] = {}
    rows = connection.execute("SELECT image, diff_id, content_size FROM image_layer JOIN layer USING (diff_id)")
    for image, diff_id, size in rows:
        found.setdefault(image, {})[diff_id] = size
    return found
