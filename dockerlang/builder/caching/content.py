"""What is shared of a build cache: the keys of steps and the layers that they made. No argument, no name, no text.

On disk and in registries it is an OCI artifact: a manifest whose config, of a media type of our own, lists the steps,
and whose layers are those of the steps. Keys are this builder's: no other one can use them, and it uses no other's.
An image built with an inline cache has the same list in its config, without layers of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dockerlang.errors import InputError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.document import Fields, read_object
from dockerlang.oci.manifest import Manifest
from dockerlang.records import record

MEDIA_TYPE = "application/vnd.dockerlang.cache.config.v1+json"
INLINE_FIELD = "dockerlang.cache.v1"
"""The field of an image config that holds an inline cache."""
LIMIT = 32 << 20


@record
class CachedStep:
    """The layer that a step with this key has made, and when (seconds since 1970)."""

    key: str
    layer: Digest
    created: float


@record
class CacheContent:
    """Steps, and the blobs of their layers by diff ID."""

    steps: tuple[CachedStep, ...]
    blobs: Mapping[Digest, Descriptor]


def write_content(content: CacheContent) -> tuple[Manifest, bytes]:
    """The manifest of the artifact, and its config."""
    ordered = sorted(content.blobs)
    config = json.dumps(
        {"layers": [str(layer) for layer in ordered], "steps": steps_to_json(content.steps)}, separators=(",", ":")
    ).encode()
    blobs = [content.blobs[layer] for layer in ordered]
    return Manifest.build(Descriptor.of(MEDIA_TYPE, config), blobs), config


def read_content(manifest: Manifest, config: bytes) -> CacheContent:
    """The content of an artifact, or of an image with an inline cache; `InputError` for anything else."""
    fields = Fields(read_object(config, what="build cache", limit=LIMIT), "build cache")
    if manifest.config.media_type == MEDIA_TYPE:
        layers, steps = fields.texts("layers") or (), fields.list_of_nested("steps")
    else:
        inline, rootfs = fields.nested(INLINE_FIELD), fields.nested("rootfs")
        if inline is None or rootfs is None:
            raise InputError("it holds no build cache of dockerlang", hint="write one with --cache-to")
        layers, steps = rootfs.texts("diff_ids") or (), inline.list_of_nested("steps")
    if len(layers) != len(manifest.layers):
        raise InputError("build cache: its config and its manifest have different numbers of layers")
    blobs = dict(zip(map(Digest.parse, layers), manifest.layers, strict=True))
    return CacheContent(tuple(step for step in map(_read_step, steps) if step.layer in blobs), blobs)


def steps_to_json(steps: Sequence[CachedStep]) -> list[dict[str, object]]:
    """The steps as JSON, in order of their keys."""
    return [
        {"key": step.key, "layer": str(step.layer), "created": repr(step.created)}
        for step in sorted(steps, key=lambda step: step.key)
    ]


def _read_step(fields: Fields) -> CachedStep:
    try:
        created = float(fields.text("created"))
    except ValueError:
        fields.refuse("created", "a time")
    return CachedStep(fields.text("key"), Digest.parse(fields.text("layer")), created)
