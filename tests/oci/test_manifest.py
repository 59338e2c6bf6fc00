"""Manifests, indexes and descriptors."""

from __future__ import annotations

import json

import pytest

from dockerlang.errors import InputError, LimitError
from dockerlang.oci import media
from dockerlang.oci.descriptor import EMPTY, Descriptor
from dockerlang.oci.manifest import MANIFEST_LIMIT, Index, Manifest, parse_manifest
from dockerlang.oci.platform import Platform

CONFIG = Descriptor.of(media.OCI_CONFIG, b"config")
LAYER = Descriptor.of(media.OCI_LAYER_GZIP, b"layer")


def test_a_manifest_is_read_back_and_keeps_its_bytes() -> None:
    manifest = Manifest.build(CONFIG, [LAYER], annotations={"b": "2", "a": "1"})
    assert parse_manifest(manifest.raw) == manifest
    spaced = json.dumps(json.loads(manifest.raw), indent=3).encode()
    again = parse_manifest(spaced, media.OCI_MANIFEST)
    assert isinstance(again, Manifest)
    assert again.raw == spaced
    assert again.digest != manifest.digest
    assert manifest.descriptor.check(manifest.raw) == manifest.raw


def test_a_manifest_without_layers_lists_none() -> None:
    assert b'"layers":[]' in Manifest.build(EMPTY, []).raw


def test_an_index_gives_the_best_image_and_never_an_attestation() -> None:
    def image(name: bytes, platform: Platform | None, **annotations: str) -> Descriptor:
        descriptor = Descriptor.of(media.OCI_MANIFEST, name)
        return Descriptor(descriptor.media_type, descriptor.digest, descriptor.size, annotations, platform)

    attestation = Descriptor(
        media.OCI_MANIFEST,
        CONFIG.digest,
        1,
        {"vnd.docker.reference.type": "attestation-manifest"},
        Platform("unknown", "unknown"),
    )
    arm, intel = image(b"arm", Platform("linux", "arm64", "v8")), image(b"intel", Platform("linux", "amd64"))
    index = Index.build([attestation, intel, arm])
    assert parse_manifest(index.raw) == index
    assert index.select(Platform("linux", "arm64")) == arm
    assert index.select(Platform("linux", "s390x")) is None
    assert index.select(Platform("unknown", "unknown")) is None
    assert Index.build([attestation, image(b"only", None)]).select(Platform("linux", "amd64")) is not None
    assert Index.build([]).select(Platform("linux", "amd64")) is None


def test_a_descriptor_survives_json_with_all_its_fields() -> None:
    descriptor = Descriptor(
        media.OCI_LAYER,
        LAYER.digest,
        5,
        {"k": "v"},
        Platform("linux", "arm", "v7", "1.0"),
        ("https://example.org/x",),
        b"layer",
        "application/x",
        {"later": [1]},
    )
    assert Descriptor.from_json(json.loads(json.dumps(descriptor.to_json()))) == descriptor


def test_size_is_checked_before_the_digest() -> None:
    with pytest.raises(InputError, match="5 bytes were promised, 6 came"):
        LAYER.check(b"layer!")
    with pytest.raises(InputError, match="another digest"):
        LAYER.check(b"LAYER")


@pytest.mark.parametrize(
    ("document", "media_type", "message"),
    [
        ({"schemaVersion": 1}, "", "schema version 2"),
        ({"schemaVersion": 2}, "application/vnd.docker.distribution.manifest.v1+prettyjws", "schema version 2"),
        ({"schemaVersion": 2}, "", "config must be there"),
        ({"schemaVersion": 2, "mediaType": media.OCI_INDEX}, media.OCI_MANIFEST, "announced as"),
        ({"schemaVersion": 2, "config": CONFIG.to_json(), "manifests": []}, "", "two different images"),
        ({"schemaVersion": 2, "config": {"digest": str(CONFIG.digest), "size": -1}}, "", "size must be"),
        ({"schemaVersion": 2, "config": {"size": 1}}, "", "digest must be there"),
        ({"schemaVersion": 2, "config": {"size": 1, "digest": "sha256:x"}}, "", "not a digest"),
        ({"schemaVersion": 2, "config": CONFIG.to_json(), "layers": {}}, "", "layers must be a list"),
        ({"schemaVersion": 2, "config": CONFIG.to_json() | {"data": "?"}}, "", "data must be base64"),
        ({"schemaVersion": 2, "config": CONFIG.to_json(), "layers": [1]}, "", r"layers\[0\]: must be an object"),
    ],
)
def test_what_is_no_manifest_is_refused(document: object, media_type: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_manifest(json.dumps(document).encode(), media_type)


def test_a_manifest_has_a_limit() -> None:
    with pytest.raises(LimitError):
        parse_manifest(b" " * (MANIFEST_LIMIT + 1))


def test_unknown_types_inside_a_manifest_are_no_error() -> None:
    strange = Descriptor.of("application/x-model", b"weights")
    manifest = parse_manifest(Manifest.build(strange, [strange]).raw)
    assert isinstance(manifest, Manifest)
    assert not media.is_layer(manifest.layers[0].media_type)
