"""The rows of `system df` as docker shows them."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.cli.output.units import human_size
from dockerlang.containers.usage import Usage

USAGE_HEADERS = {
    "Type": "TYPE",
    "TotalCount": "TOTAL",
    "Active": "ACTIVE",
    "Size": "SIZE",
    "Reclaimable": "RECLAIMABLE",
}
USAGE_TABLE = r"{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}"
USAGE_RAW = {
    "Type": "type",
    "TotalCount": "total",
    "Active": "active",
    "Size": "size",
    "Reclaimable": "reclaimable",
}


def usage_rows(kinds: Iterable[Usage]) -> list[dict[str, str]]:
    """A row for each kind of thing, with the share that could be had back, which docker leaves out of the cache's."""
    rows = []
    for usage in kinds:
        reclaimable = human_size(usage.reclaimable, 4)
        if usage.size and usage.kind != "Build Cache":
            reclaimable += f" ({usage.reclaimable * 100 // usage.size}%)"
        rows.append(
            {
                "Type": usage.kind,
                "TotalCount": str(usage.total),
                "Active": str(usage.active),
                "Size": human_size(usage.size, 4),
                "Reclaimable": reclaimable,
            }
        )
    return rows
