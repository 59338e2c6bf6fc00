"""Image manifests and indexes, read with every check that the specification asks for and kept byte for byte.

A manifest names one config and the layers, lowest first; an index names manifests, usually one a platform. Their
digest is that of their bytes, so what was pulled is never written anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from dockerlang.errors import InputError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor, read_descriptor
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.document import Fields, read_object, write_object
from dockerlang.oci.platform import Platform, best_match
from dockerlang.records import record

MANIFEST_LIMIT = 4 * 1024 * 1024


@record
class Manifest:
    """One image: `config`, and `layers` from the lowest up. `raw` are the bytes that the digest is of."""

    raw: bytes = field(repr=False)
    config: Descriptor
    layers: tuple[Descriptor, ...]
    media_type: str = media.OCI_MANIFEST
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str = ""
    subject: Descriptor | None = None

    @staticmethod
    def build(
        config: Descriptor,
        layers: Sequence[Descriptor],
        *,
        media_type: str = media.OCI_MANIFEST,
        annotations: Mapping[str, str] | None = None,
    ) -> Manifest:
        """A new manifest of the given parts."""
        document: dict[str, object] = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": config.to_json(),
            "layers": [layer.to_json() for layer in layers],
        }
        if annotations:
            document["annotations"] = dict(sorted(annotations.items()))
        return Manifest(write_object(document), config, tuple(layers), media_type, annotations or {})

    @property
    def digest(self) -> Digest:
        """The digest of the manifest's bytes."""
        return sha256_of(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        """What an index writes to point at this manifest."""
        return Descriptor.of(self.media_type, self.raw)


@record
class Index:
    """Several manifests (or indexes) under one name; `raw` are the bytes that the digest is of."""

    raw: bytes = field(repr=False)
    manifests: tuple[Descriptor, ...]
    media_type: str = media.OCI_INDEX
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str = ""
    subject: Descriptor | None = None

    @staticmethod
    def build(
        manifests: Sequence[Descriptor],
        *,
        media_type: str = media.OCI_INDEX,
        annotations: Mapping[str, str] | None = None,
    ) -> Index:
        """A new index of the given manifests."""
        document: dict[str, object] = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "manifests": [manifest.to_json() for manifest in manifests],
        }
        if annotations:
            document["annotations"] = dict(sorted(annotations.items()))
        return Index(write_object(document), tuple(manifests), media_type, annotations or {})

    @property
    def digest(self) -> Digest:
        """The digest of the index's bytes."""
        return sha256_of(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        """What another index writes to point at this one."""
        return Descriptor.of(self.media_type, self.raw)

    def select(self, wanted: Platform) -> Descriptor | None:
        """The manifest that fits `wanted` best, the first of equals; None where there is none.

        Attestations are never chosen. A descriptor without a platform is taken only where nothing names one.
        """
        images = [descriptor for descriptor in self.manifests if not descriptor.is_attestation]
        best = best_match(wanted, tuple(descriptor.platform for descriptor in images))
        if best is not None:
            return images[best]
        if images and all(descriptor.platform is None for descriptor in images):
            return images[0]
        return None


def parse_manifest(raw: bytes, media_type: str = "") -> Manifest | Index:
    """The manifest or index in `raw`; `media_type` is what its transport or descriptor called it, if anything did.

    Raises `LimitError` for more than 4 MiB and `InputError` for a document that is neither, or not what it was called.
    """
    fields = Fields(read_object(raw, what="manifest", limit=MANIFEST_LIMIT), "manifest")
    if fields.integer("schemaVersion") != 2 or media_type in media.SCHEMA_1:
        raise InputError(
            "manifest: only schema version 2 is supported",
            hint="images of schema version 1 must be pushed again by docker 1.10 or later",
        )
    own_type = fields.text("mediaType")
    if own_type and media_type and own_type != media_type:
        raise InputError(f"manifest: it was announced as {media_type} but calls itself {own_type}")
    media_type = own_type or media_type
    if "manifests" in fields.rest and ("config" in fields.rest or "layers" in fields.rest):
        raise InputError("manifest: it lists manifests and layers at once, so it can be read as two different images")
    if media_type in media.INDEXES or (media_type not in media.MANIFESTS and "manifests" in fields.rest):
        return _read_index(raw, media_type or media.OCI_INDEX, fields)
    return _read_manifest(raw, media_type or media.OCI_MANIFEST, fields)


def _read_manifest(raw: bytes, media_type: str, fields: Fields) -> Manifest:
    config = fields.nested("config")
    if config is None:
        fields.refuse("config", "there")
    return Manifest(
        raw=raw,
        media_type=media_type,
        config=read_descriptor(config),
        layers=tuple(read_descriptor(layer) for layer in fields.list_of_nested("layers")),
        annotations=fields.mapping("annotations"),
        artifact_type=fields.text("artifactType"),
        subject=_subject(fields),
    )


def _read_index(raw: bytes, media_type: str, fields: Fields) -> Index:
    return Index(
        raw=raw,
        media_type=media_type,
        manifests=tuple(read_descriptor(manifest) for manifest in fields.list_of_nested("manifests")),
        annotations=fields.mapping("annotations"),
        artifact_type=fields.text("artifactType"),
        subject=_subject(fields),
    )


def _subject(fields: Fields) -> Descriptor | None:
    subject = fields.nested("subject")
    return None if subject is None else read_descriptor(subject)
