"""`system df -v`: a table for each kind of thing, as docker shows them."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.cli.output.containers import container_rows
from dockerlang.cli.output.images import image_rows
from dockerlang.cli.output.listing import list_rows
from dockerlang.cli.output.units import age, clock, human_size
from dockerlang.cli.output.volumes import volume_rows
from dockerlang.containers.usage import DiskUsage
from dockerlang.oci.digest import Digest
from dockerlang.store.listing import names_of

_SHORT_ID = 12
_HEADERS = {
    "Repository": "REPOSITORY",
    "Tag": "TAG",
    "ID": "IMAGE ID",
    "CreatedSince": "CREATED",
    "Size": "SIZE",
    "SharedSize": "SHARED SIZE",
    "UniqueSize": "UNIQUE SIZE",
    "Containers": "CONTAINERS",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "LocalVolumes": "LOCAL VOLUMES",
    "RunningFor": "CREATED",
    "Status": "STATUS",
    "Names": "NAMES",
    "Name": "VOLUME NAME",
    "Links": "LINKS",
    "CacheType": "CACHE TYPE",
    "LastUsedSince": "LAST USED",
    "UsageCount": "USAGE",
    "Shared": "SHARED",
}
_TABLES = {
    "Images": ("Repository", "Tag", "ID", "CreatedSince", "VirtualSize", "SharedSize", "UniqueSize", "Containers"),
    "Containers": ("ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"),
    "Volumes": ("Name", "Links", "Size"),
    "BuildCache": ("ID", "CacheType", "Size", "CreatedSince", "LastUsedSince", "UsageCount", "Shared"),
}
_TITLES = {
    "Images": "Images space usage:",
    "Containers": "Containers space usage:",
    "Volumes": "Local Volumes space usage:",
}
_IDS = {"Images": "IMAGE ID", "Containers": "CONTAINER ID", "BuildCache": "CACHE ID"}


def usage_report(usage: DiskUsage, now: float) -> list[str]:
    """The tables, each under a line that says what it is of."""
    rows = usage_rows_by_kind(usage, now, is_truncated=True)
    lines: list[str] = []
    for kind, fields in _TABLES.items():
        title = _TITLES.get(kind) or f"Build cache usage: {human_size(usage.kinds[-1].size, 4)}"
        headers = {**_HEADERS, "VirtualSize": "SIZE", "ID": _IDS.get(kind, "")}
        template = r"\t".join(f"{{{{.{field}}}}}" for field in fields)
        lines += [*([""] if lines else []), title, "", *list_rows(rows[kind], headers, template)]
    return lines


def usage_rows_by_kind(usage: DiskUsage, now: float, *, is_truncated: bool) -> dict[str, list[dict[str, str]]]:
    """A row for each thing, every value a string under the name that templates know."""
    names = {
        one.image.id: repository if tag == "latest" else f"{repository}:{tag}"
        for one in usage.images
        for repository, tag, _ in names_of(one.image)
        if repository and tag
    }
    return {
        "Images": _image_rows(usage, now, is_truncated=is_truncated),
        "Containers": _container_rows(usage, names, now, is_truncated=is_truncated),
        "Volumes": [
            {**row, "Links": str(one.links), "Size": human_size(one.size)}
            for one in usage.volumes
            for row in volume_rows([one.volume])
        ],
        "BuildCache": [
            {
                "ID": one.id[:_SHORT_ID] if is_truncated else one.id,
                "CacheType": one.kind,
                "Size": human_size(one.size),
                "CreatedSince": age(one.created, now),
                "CreatedAt": clock(one.created),
                "LastUsedSince": age(one.last_used, now),
                "LastUsedAt": clock(one.last_used),
                "UsageCount": str(one.uses),
                "InUse": "false",
                "Shared": "true" if one.is_shared else "false",
            }
            for one in usage.cache
        ],
    }


def _image_rows(usage: DiskUsage, now: float, *, is_truncated: bool) -> list[dict[str, str]]:
    return [
        {
            **row,
            "SharedSize": human_size(one.shared, 4),
            "UniqueSize": human_size(one.unique, 4),
            "Containers": str(one.containers),
        }
        for one in usage.images
        for row in image_rows([one.image], now=now, is_truncated=is_truncated, with_digests=False)
    ]


def _container_rows(
    usage: DiskUsage, names: Mapping[Digest, str], now: float, *, is_truncated: bool
) -> list[dict[str, str]]:
    return [
        {**row, "LocalVolumes": str(one.volumes), "Size": human_size(one.size)}
        for one in usage.containers
        for row in container_rows([(one.container, one.settings)], names, now=now, is_truncated=is_truncated)
    ]
