"""Columns as Go's tabwriter sets them for docker: at least ten wide, three spaces between, the last one as it is."""

from __future__ import annotations

from collections.abc import Sequence

_MINIMUM_WIDTH = 10
_PADDING = 3


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines; a cell's width counts code points, and the last cell of a row takes what it needs."""
    widths: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(row[:-1]):
            widths[column] = max(widths.get(column, _MINIMUM_WIDTH), len(cell) + _PADDING)
    return [
        "".join(cell.ljust(widths[column]) for column, cell in enumerate(row[:-1])) + row[-1] for row in rows if row
    ]
