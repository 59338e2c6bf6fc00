"""Choosing images for a listing, by docker's filters."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from dockerlang.errors import InputError, UsageError
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import parse_reference
from dockerlang.records import replace
from dockerlang.store import images
from dockerlang.store.layout import Layout
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import ImageRow

FILTERS = ("before", "dangling", "label", "label!", "reference", "since", "until")
_CLAIMS = {"true": True, "1": True, "false": False, "0": False}


def select_images(store: StoreReader, filters: Sequence[tuple[str, str]] = (), *, all: bool = False) -> list[ImageRow]:
    """The images that pass every filter, the newest first; those that are only steps of others need `all`.

    `dangling=true|false`, `label=name[=value]` (all of several), `reference=glob` (one of several; an image shows only
    the names that fit), `before=image` and `since=image` by time of creation, `until=time` for what is older than a
    moment or an age, `label!=name[=value]` for what does not have a label. Raises `UsageError` for others and
    `NotFoundError` where an image is not there.
    """
    for key, value in filters:
        if key not in FILTERS:
            raise BadFilterError(f"Invalid filter '{key}'", hint=f"possible are {', '.join(FILTERS)}")
        if key == "dangling" and value.lower() not in _CLAIMS:
            raise BadFilterError(f"Invalid filter 'dangling={value}'", hint="say dangling=true or dangling=false")

    def read(connection: sqlite3.Connection) -> list[ImageRow]:
        rows = images.list_images(connection)
        moments = {key: _created(connection, rows, value) for key, value in filters if key in ("before", "since")}
        moments |= {key: parse_moment(value) for key, value in filters if key == "until"}
        chosen = [_with_matching_names(row, filters) for row in rows if all or _is_shown(row)]
        return [row for row in chosen if row is not None and _passes(connection, store.layout, row, filters, moments)]

    return store.view(read)


class BadFilterError(UsageError):
    """A filter that does not exist, or a value that it cannot have."""

    exit_code = 1


def _is_shown(row: ImageRow) -> bool:
    """Whether a plain listing shows the image: it has a name, or is one that nobody needs."""
    return bool(row.names or row.digests) or row.is_dangling


def _with_matching_names(row: ImageRow, filters: Sequence[tuple[str, str]]) -> ImageRow | None:
    """The image with the names that fit; None where `reference` filters are given and none fits."""
    patterns = [value for key, value in filters if key == "reference"]
    if not patterns:
        return row
    names = tuple(name for name in row.names if _fits(name, patterns))
    digests = tuple(pair for pair in row.digests if _fits(f"{pair[0]}@{pair[1]}", patterns))
    return replace(row, names=names, digests=digests) if names or digests else None


def _fits(name: str, patterns: Sequence[str]) -> bool:
    reference = parse_reference(name)
    return any(reference.matches(pattern) for pattern in patterns)


def _passes(
    connection: sqlite3.Connection,
    layout: Layout,
    row: ImageRow,
    filters: Sequence[tuple[str, str]],
    moments: dict[str, float],
) -> bool:
    created = row.created or 0.0
    if "before" in moments and created >= moments["before"]:
        return False
    if "since" in moments and created <= moments["since"]:
        return False
    if "until" in moments and created >= moments["until"]:
        return False
    for value in (value for key, value in filters if key == "dangling"):
        if bool(row.names or row.digests) == _CLAIMS[value.lower()]:
            return False
    wanted = [value for key, value in filters if key == "label"]
    unwanted = [value for key, value in filters if key == "label!"]
    if not wanted and not unwanted:
        return True
    labels = images.read_image(connection, layout, row.id).config.config.labels
    return has_labels(labels, wanted) and not any(has_labels(labels, [text]) for text in unwanted)


def has_labels(labels: Mapping[str, str], wanted: Sequence[str]) -> bool:
    """Whether the labels hold all that is wanted: `name`, or `name=value`."""
    for text in wanted:
        name, separator, value = text.partition("=")
        if name not in labels or (separator and labels[name] != value):
            return False
    return True


def _created(connection: sqlite3.Connection, rows: Sequence[ImageRow], name: str) -> float:
    identifier = images.find_id(connection, name)
    if identifier is None:
        raise images.no_such_image(name)
    return next(row.created or 0.0 for row in rows if row.id == identifier)


_AGE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)")
_SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def parse_moment(text: str) -> float:
    """Seconds since 1970 of a filter's time: such a number, a date, an RFC 3339 time, or an age (`24h`, `1h30m`).

    Raises BadFilterError.
    """
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _AGE.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return time.time() - sum(float(number) * _SECONDS[unit] for number, unit in parts)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadFilterError(f"Invalid filter 'until={text}'", hint="write an age such as 24h, or a date") from None
    return moment.timestamp()


def parse_filter(text: str) -> tuple[str, str]:
    """`key=value` as given on a command line; `InputError` for anything else."""
    key, separator, value = text.partition("=")
    if not separator:
        raise InputError(f"invalid filter {text!r}", hint="write it as key=value")
    return key.strip().lower(), value.strip()


def names_of(row: ImageRow) -> list[tuple[str, str, Digest | None]]:
    """The lines that a listing shows of an image: repository, tag and digest, empty or None where there is none."""
    lines: list[tuple[str, str, Digest | None]] = []
    tagged = {parse_reference(name).name for name in row.names}
    for name in row.names:
        reference = parse_reference(name)
        digests: list[Digest | None] = [digest for repository, digest in row.digests if repository == reference.name]
        lines += [(reference.familiar_name, reference.tag, digest) for digest in digests or [None]]
    for repository, digest in row.digests:
        if repository not in tagged:
            lines.append((parse_reference(f"{repository}:latest").familiar_name, "", digest))
    return lines or [("", "", None)]
