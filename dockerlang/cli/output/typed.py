"""Listings as typed JSON, `--format typed-json`: one array, sizes as numbers of bytes, times in RFC 3339 (UTC).

The fields are documented in `docs/formats.md`; new ones may be added, none changes its name or its type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerlang.containers.settings import ContainerSettings
    from dockerlang.containers.usage import Usage
    from dockerlang.store.builds import BuildRecord
    from dockerlang.store.history import HistoryRow
    from dockerlang.store.records import Container, ImageRow
    from dockerlang.store.volumes import Volume


def as_typed_json(documents: Sequence[dict[str, Any]] | dict[str, Any]) -> str:
    """The documents as one array, or one object, two spaces a level."""
    return json.dumps(documents, indent=2, ensure_ascii=False)


def typed_images(images: Iterable[ImageRow]) -> list[dict[str, Any]]:
    """An object for each image, with all its names."""
    return [
        {
            "id": str(image.id),
            "parent": None if image.parent is None else str(image.parent),
            "names": list(image.names),
            "digests": [f"{repository}@{digest}" for repository, digest in image.digests],
            "created": typed_time(image.created),
            "size": image.size,
            "is_step": image.is_step,
        }
        for image in images
    ]


def typed_history(steps: Iterable[HistoryRow]) -> list[dict[str, Any]]:
    """An object for each step, the last first."""
    return [
        {
            "image": None if step.image is None else str(step.image),
            "created": typed_time(step.created),
            "created_by": step.created_by,
            "size": step.size,
            "comment": step.comment,
        }
        for step in steps
    ]


def typed_containers(containers: Iterable[tuple[Container, ContainerSettings | None]]) -> list[dict[str, Any]]:
    """An object for each container."""
    return [
        {
            "id": container.id,
            "name": container.name,
            "image": str(container.image),
            "command": list(container.command),
            "created": typed_time(container.created),
            "started": typed_time(settings.started) if settings is not None else None,
            "finished": typed_time(settings.finished) if settings is not None else None,
            "state": container.state.value,
            "exit_code": container.exit_code,
            "labels": dict(settings.labels) if settings is not None else {},
            "mounts": [
                {
                    "type": mount.kind.value,
                    "name": mount.name,
                    "source": mount.source,
                    "target": mount.target,
                    "is_writable": mount.is_writable,
                }
                for mount in (settings.mounts if settings is not None else ())
            ],
        }
        for container, settings in containers
    ]


def typed_volumes(volumes: Iterable[Volume]) -> list[dict[str, Any]]:
    """An object for each volume."""
    return [
        {
            "name": volume.name,
            "directory": str(volume.data),
            "created": typed_time(volume.created),
            "labels": dict(volume.labels),
            "is_anonymous": volume.is_anonymous,
        }
        for volume in volumes
    ]


def typed_builds(builds: Iterable[BuildRecord]) -> list[dict[str, Any]]:
    """An object for each build."""
    return [
        {
            "id": build.id,
            "started": typed_time(build.started),
            "seconds": build.seconds,
            "status": build.status,
            "dockerfile": build.dockerfile,
            "context": build.context,
            "target": build.target,
            "image": build.image or None,
            "names": list(build.tags),
            "message": build.message,
            "steps": [
                {
                    "number": step.number,
                    "name": step.name,
                    "stage": step.stage,
                    "line": step.line,
                    "outcome": step.outcome,
                    "seconds": step.seconds,
                    "size": step.size,
                    "images": list(step.images),
                    "reason": step.reason,
                }
                for step in build.steps
            ],
        }
        for build in builds
    ]


def typed_usage(kinds: Iterable[Usage]) -> list[dict[str, Any]]:
    """An object for each kind of thing."""
    return [
        {
            "type": usage.kind,
            "total": usage.total,
            "active": usage.active,
            "size": usage.size,
            "reclaimable": usage.reclaimable,
        }
        for usage in kinds
    ]


def typed_time(seconds: float | None) -> str | None:
    """A moment in RFC 3339 (UTC)."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
