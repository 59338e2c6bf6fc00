"""Volumes as docker shows them: rows of `volume ls`, documents of `volume inspect`."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.cli.output.units import rfc3339
from dockerlang.store.volumes import Volume

VOLUME_HEADERS = {
    "Driver": "DRIVER",
    "Name": "VOLUME NAME",
    "Scope": "SCOPE",
    "Mountpoint": "MOUNTPOINT",
    "Labels": "LABELS",
    "Size": "SIZE",
    "Links": "LINKS",
    "Availability": "AVAILABILITY",
    "Group": "GROUP",
    "Status": "STATUS",
}
VOLUME_TABLE = r"{{.Driver}}\t{{.Name}}"
VOLUME_RAW = {"Name": "name", "Driver": "driver"}


def volume_rows(volumes: Iterable[Volume]) -> list[dict[str, str]]:
    """A row for each volume, every value a string under the name that templates know."""
    return [
        {
            **dict.fromkeys(VOLUME_HEADERS, "N/A"),
            "Driver": "local",
            "Name": volume.name,
            "Scope": "local",
            "Mountpoint": str(volume.data),
            "Labels": ",".join(f"{name}={value}" for name, value in sorted(volume.labels.items())),
        }
        for volume in volumes
    ]


def volume_document(volume: Volume) -> dict[str, object]:
    """All that is known of a volume."""
    return {
        "CreatedAt": rfc3339(volume.created),
        "Driver": "local",
        "Labels": dict(sorted(volume.labels.items())) or None,
        "Mountpoint": str(volume.data),
        "Name": volume.name,
        "Options": None,
        "Scope": "local",
    }
