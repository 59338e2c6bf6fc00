"""`system df -v` as typed JSON: an object with a list for each kind of thing, fields as in `docs/formats.md`."""

from __future__ import annotations

from typing import Any

from dockerlang.cli.output.typed import typed_containers, typed_images, typed_time, typed_volumes
from dockerlang.containers.usage import DiskUsage


def typed_disk_usage(usage: DiskUsage) -> dict[str, list[dict[str, Any]]]:
    """The fields of each thing's own listing, and how much room it takes."""
    return {
        "images": [
            {**document, "shared_size": one.shared, "unique_size": one.unique, "containers": one.containers}
            for one in usage.images
            for document in typed_images([one.image])
        ],
        "containers": [
            {**document, "size": one.size, "volumes": one.volumes}
            for one in usage.containers
            for document in typed_containers([(one.container, one.settings)])
        ],
        "volumes": [
            {**document, "size": one.size, "links": one.links}
            for one in usage.volumes
            for document in typed_volumes([one.volume])
        ],
        "build_cache": [
            {
                "id": one.id,
                "type": one.kind,
                "size": one.size,
                "created": typed_time(one.created),
                "last_used": typed_time(one.last_used),
                "uses": one.uses,
                "is_shared": one.is_shared,
            }
            for one in usage.cache
        ],
    }
