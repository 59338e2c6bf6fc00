"""What refers to an image: listed by the registry, or under the tag that stands in for the list."""

from __future__ import annotations

import json

import pytest

from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Index, parse_manifest
from dockerlang.registry.errors import ConnectionFailure
from dockerlang.registry.registry import Registries
from dockerlang.registry.repository import Repository
from tests.registry.fake_registry import FakeRegistry
from tests.registry.images import client, descriptor, publish
from tests.registry.test_transfer import name

EMPTY = descriptor("application/vnd.oci.empty.v1+json", b"{}")


def signature(subject: bytes, kind: str, number: int) -> bytes:
    """A manifest of type `kind` that refers to the manifest `subject`."""
    document = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": kind,
        "config": EMPTY,
        "layers": [EMPTY],
        "subject": descriptor("application/vnd.oci.image.manifest.v1+json", subject),
        "annotations": {"number": str(number)},
    }
    return json.dumps(document).encode()


def push_signatures(registries: Registries, registry: FakeRegistry, subject: bytes) -> Repository:
    registry.add_blob("team/app", b"{}")
    repository = registries.repository(name(registry))
    for number in range(3):
        manifest = parse_manifest(signature(subject, "text/a" if number else "text/b", number))
        for _ in range(2):
            # A second push of the same changes nothing.
            repository.put_manifest(manifest, manifest.digest)
    return repository


@pytest.mark.parametrize("has_referrers", [False, True])
def test_referrers_are_noted_and_listed(registry: FakeRegistry, has_referrers: bool) -> None:
    registry.has_referrers = has_referrers
    published = publish(registry)
    subject = Digest.parse(published.digest)
    with client() as registries:
        repository = push_signatures(registries, registry, published.manifest)
        kinds = [item.artifact_type for item in repository.referrers(subject)]
        assert sorted(kinds) == ["text/a", "text/a", "text/b"]
        (found,) = repository.referrers(subject, "text/b")
        assert str(found.digest) in registry.manifests["team/app"]
    stand_in = registry.manifests["team/app"].get(f"sha256-{subject.hex}")
    if has_referrers:
        assert stand_in is None
    else:
        assert stand_in is not None
        index = parse_manifest(stand_in[0])
        assert isinstance(index, Index)
        assert {item.annotations["number"] for item in index.manifests} == {"0", "1", "2"}


@pytest.mark.parametrize("has_referrers", [False, True])
def test_an_image_that_nothing_refers_to(registry: FakeRegistry, has_referrers: bool) -> None:
    registry.has_referrers = has_referrers
    subject = Digest.parse(publish(registry).digest)
    with client() as registries:
        assert registries.repository(name(registry)).referrers(subject) == ()


def test_a_manifest_that_is_cut_is_asked_for_again(registry: FakeRegistry) -> None:
    published = publish(registry)
    registry.faults.cut_manifests = 2
    with client() as registries:
        fetched = registries.repository(name(registry)).manifest("1")
        assert str(fetched.digest) == published.digest
        registry.faults.cut_manifests = 99
        with pytest.raises(ConnectionFailure):
            registries.repository(name(registry)).manifest("1")
