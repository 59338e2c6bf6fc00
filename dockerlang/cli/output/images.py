"""The rows of `images` and `history` as docker shows them: every value a string under the name templates know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dockerlang.cli.output.units import age, clock, human_size, rfc3339
from dockerlang.oci.digest import Digest
from dockerlang.store.listing import names_of
from dockerlang.store.records import ImageRow

if TYPE_CHECKING:
    from dockerlang.store.history import HistoryRow

IMAGE_HEADERS = {
    "ID": "IMAGE ID",
    "Repository": "REPOSITORY",
    "Tag": "TAG",
    "Digest": "DIGEST",
    "CreatedSince": "CREATED",
    "CreatedAt": "CREATED AT",
    "Size": "SIZE",
    "VirtualSize": "SIZE",
    "SharedSize": "SHARED SIZE",
    "UniqueSize": "UNIQUE SIZE",
    "Containers": "CONTAINERS",
}
IMAGE_TABLE = r"{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
IMAGE_TABLE_WITH_DIGESTS = r"{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
IMAGE_RAW = {
    "Repository": "repository",
    "Tag": "tag",
    "ID": "image_id",
    "CreatedAt": "created_at",
    "Size": "virtual_size",
}
IMAGE_RAW_WITH_DIGESTS = {
    "Repository": "repository",
    "Tag": "tag",
    "Digest": "digest",
    "ID": "image_id",
    "CreatedAt": "created_at",
    "Size": "virtual_size",
}

HISTORY_HEADERS = {
    "ID": "IMAGE",
    "CreatedSince": "CREATED",
    "CreatedAt": "CREATED AT",
    "CreatedBy": "CREATED BY",
    "Size": "SIZE",
    "Comment": "COMMENT",
}
HISTORY_TABLE = r"{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"

_CREATED_BY_WIDTH = 45
_YEAR_2000 = 946_684_800


def image_rows(
    images: Iterable[ImageRow], *, now: float, is_truncated: bool, with_digests: bool
) -> list[dict[str, str]]:
    """A row for each name of each image; with digests, for each digest of that name's repository, too."""
    rows = []
    for image in images:
        seen = set()
        for repository, tag, digest in names_of(image):
            if not with_digests and (repository, tag) in seen:
                continue
            seen.add((repository, tag))
            rows.append(
                {
                    "ID": _id(image.id, is_truncated=is_truncated),
                    "Repository": repository or "<none>",
                    "Tag": tag or "<none>",
                    "Digest": str(digest) if digest else "<none>",
                    "CreatedSince": age(image.created, now),
                    "CreatedAt": clock(image.created),
                    "Size": human_size(image.size),
                    "VirtualSize": human_size(image.size, 4),
                    "SharedSize": "N/A",
                    "UniqueSize": "N/A",
                    "Containers": "N/A",
                }
            )
    return rows


def history_rows(
    steps: Iterable[HistoryRow], *, now: float, is_truncated: bool, is_human: bool
) -> list[dict[str, str]]:
    """A row for each step; `is_human` gives ages and rounded sizes, else times and bytes."""
    rows = []
    for step in steps:
        # Builders without a clock write some time in the last century.
        created = step.created if step.created is not None and step.created > _YEAR_2000 else None
        created_by = step.created_by.replace("\t", " ")
        rows.append(
            {
                "ID": _id(step.image, is_truncated=is_truncated) if step.image else "<missing>",
                "CreatedSince": age(created, now) if is_human else rfc3339(created),
                "CreatedAt": rfc3339(created),
                "CreatedBy": _shortened(created_by) if is_truncated else created_by,
                "Size": human_size(step.size) if is_human else str(step.size),
                "Comment": step.comment,
            }
        )
    return rows


def _id(digest: Digest, *, is_truncated: bool) -> str:
    return digest.short if is_truncated else str(digest)


def _shortened(text: str) -> str:
    return text if len(text) <= _CREATED_BY_WIDTH else text[: _CREATED_BY_WIDTH - 1] + "…"
