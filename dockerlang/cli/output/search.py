"""The rows of `search` as docker shows them, and its filters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dockerlang.errors import InputError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.reference import Reference
from dockerlang.registry.registry import Registries
from dockerlang.registry.search import FoundRepository

SEARCH_HEADERS = {
    "Name": "NAME",
    "Description": "DESCRIPTION",
    "StarCount": "STARS",
    "IsOfficial": "OFFICIAL",
    "IsAutomated": "AUTOMATED",
}
SEARCH_TABLE = r"{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}"
TAG_HEADERS = {"Name": "NAME", "Tag": "TAG"}
TAG_TABLE = r"{{.Name}}\t{{.Tag}}"
REFERRER_HEADERS = {"Digest": "DIGEST", "ArtifactType": "ARTIFACT TYPE", "Size": "SIZE"}
REFERRER_TABLE = r"{{.Digest}}\t{{.ArtifactType}}\t{{.Size}}"
_DESCRIPTION_WIDTH = 45
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def search_rows(found: Iterable[FoundRepository], *, is_truncated: bool) -> list[dict[str, str]]:
    """A row for each repository. No registry says any more whether one is built automatically."""
    return [
        {
            "Name": repository.name,
            "Description": _shortened(repository.description) if is_truncated else repository.description,
            "StarCount": str(repository.stars),
            "IsOfficial": "[OK]" if repository.is_official else "",
            "IsAutomated": "",
        }
        for repository in found
    ]


def find_referrers(registries: Registries, reference: Reference) -> list[Descriptor]:
    """The manifests that refer to the one that `reference` means."""
    repository = registries.repository(reference)
    resolved = reference.resolved()
    subject = resolved.digest or repository.manifest(resolved.tag).digest
    return list(repository.referrers(subject))


def referrer_rows(referrers: Iterable[Descriptor]) -> list[dict[str, str]]:
    """A row for each of them."""
    from dockerlang.cli.output.units import human_size

    return [
        {"Digest": str(item.digest), "ArtifactType": item.artifact_type, "Size": human_size(item.size)}
        for item in referrers
    ]


def typed_search(found: Iterable[FoundRepository]) -> list[dict[str, Any]]:
    """An object for each repository, for programs."""
    return [
        {"name": item.name, "description": item.description, "stars": item.stars, "is_official": item.is_official}
        for item in found
    ]


def typed_referrers(referrers: Iterable[Descriptor]) -> list[dict[str, Any]]:
    """An object for each referrer, for programs."""
    return [
        {
            "digest": str(item.digest),
            "artifact_type": item.artifact_type,
            "size": item.size,
            "annotations": dict(item.annotations),
        }
        for item in referrers
    ]


def selected(found: Iterable[FoundRepository], filters: Iterable[str]) -> list[FoundRepository]:
    """What passes all filters; `InputError` for one that is none. Of several `stars` the largest counts."""
    stars = 0
    official: set[bool] = set()
    automated: set[bool] = set()
    for text in filters:
        key, _, value = text.partition("=")
        if key == "stars" and value.isdecimal():
            stars = max(stars, int(value))
        elif key == "is-official" and value in _TRUTHS:
            official.add(_TRUTHS[value])
        elif key == "is-automated" and value in _TRUTHS:
            automated.add(_TRUTHS[value])
        else:
            raise InputError(
                f"Invalid filter '{text}'",
                hint="there are stars=NUMBER, is-official=true|false, is-automated=true|false",
            )
    if automated == {True}:
        return []
    return [item for item in found if item.stars >= stars and (not official or item.is_official in official)]


def _shortened(text: str) -> str:
    return text if len(text) <= _DESCRIPTION_WIDTH else f"{text[: _DESCRIPTION_WIDTH - 1]}…"
