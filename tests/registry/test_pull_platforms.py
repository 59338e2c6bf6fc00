"""One name for the images of several platforms: pulled, saved and pushed as an index."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from dockerlang.errors import NotFoundError
from dockerlang.images.pull import PulledImage
from dockerlang.images.pull_platforms import pull_platforms
from dockerlang.images.push import push_document
from dockerlang.oci.platform import parse_platform
from dockerlang.registry.errors import NotInRegistryError
from dockerlang.store.check import check_store
from dockerlang.store.documents import named_document
from dockerlang.store.store import Store
from tests.registry.fake_registry import FakeRegistry, serving
from tests.registry.images import INDEX, client, descriptor, publish
from tests.registry.test_transfer import name, pull


def publish_index(registry: FakeRegistry, *architectures: str, attested: bool = False) -> str:
    """An index under the tag `all`; its digest."""
    entries: list[dict[str, object]] = []
    for architecture in architectures:
        published = publish(registry, tag=architecture, files=({architecture: b"x"},), architecture=architecture)
        platform = {"os": "linux", "architecture": architecture}
        entries.append(
            {**descriptor("application/vnd.oci.image.manifest.v1+json", published.manifest), "platform": platform}
        )
    if attested:
        note = {"vnd.docker.reference.type": "attestation-manifest"}
        entries.append({**entries[0], "platform": {"os": "unknown", "architecture": "unknown"}, "annotations": note})
    raw = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}, indent=2).encode()
    return registry.add_manifest("team/app", "all", raw, INDEX)


def pull_all(store: Store, registry: FakeRegistry, platforms: Sequence[str], tag: str = "all") -> PulledImage:
    with client() as registries, store.operation("pull") as operation:
        return pull_platforms(
            operation, registries, name(registry, f"team/app:{tag}"), [*map(parse_platform, platforms)]
        )


def architectures(store: Store, registry: FakeRegistry) -> list[str]:
    with store.operation("look") as operation:
        named = named_document(operation, name(registry, "team/app:all"))
        assert named is not None
        return [image.config.architecture for image, _ in named.images]


def test_all_that_came_leaves_as_the_very_index(registry: FakeRegistry, store: Store) -> None:
    digest = publish_index(registry, "amd64", "arm64", "s390x")
    pulled = pull_all(store, registry, [])
    assert (str(pulled.digest), pulled.image.config.architecture, pulled.is_new) == (digest, "amd64", True)
    assert architectures(store, registry) == ["amd64", "arm64", "s390x"]
    assert list(check_store(store, full=True).problems) == []
    with serving(FakeRegistry()) as other, client() as registries, store.operation("push") as operation:
        named = named_document(operation, name(registry, "team/app:all"))
        assert named is not None
        push_document(operation, registries, named, name(other, "copy:1"))
        assert other.manifests["copy"]["1"] == registry.manifests["team/app"]["all"]
    assert not pull_all(store, registry, []).is_new


def test_those_that_are_wanted_get_an_index_of_their_own(registry: FakeRegistry, store: Store) -> None:
    publish_index(registry, "amd64", "arm64", "s390x", attested=True)
    pull_all(store, registry, ["linux/s390x", "linux/arm64"])
    assert architectures(store, registry) == ["s390x", "arm64"]
    assert list(check_store(store, full=True).problems) == []
    # One platform again: the name means one image.
    pull(store, name(registry, "team/app:all"))
    with store.operation("look") as operation:
        assert named_document(operation, name(registry, "team/app:all")) is None


def test_a_platform_that_is_missing_is_said(registry: FakeRegistry, store: Store) -> None:
    publish_index(registry, "amd64", "arm64")
    with pytest.raises(NotInRegistryError, match="no matching manifest for linux/ppc64le"):
        pull_all(store, registry, ["linux/amd64", "linux/ppc64le"])
    with pytest.raises(NotFoundError, match=r"its platform \(linux/amd64\) does not match"):
        pull_all(store, registry, ["linux/amd64", "linux/ppc64le"], tag="amd64")
    assert store.find(name(registry, "team/app:amd64")) is None
