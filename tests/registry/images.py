"""Images for a registry, and clients that never wait."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dockerlang.registry.credentials import Credentials, CredentialSources, encode_entry
from dockerlang.registry.registry import Registries, RegistrySettings
from tests.registry.fake_registry import OCI_MANIFEST, FakeRegistry, digest_of
from tests.store.making import tar_of

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True)
class Published:
    """An image in a registry: the bytes of its manifest and config, and the blobs of its layers."""

    manifest: bytes
    config: bytes
    layers: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        return digest_of(self.manifest)


def descriptor(media_type: str, data: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}


def publish(
    registry: FakeRegistry,
    repository: str = "team/app",
    tag: str = "1",
    files: Sequence[dict[str, bytes]] = ({"a": b"one"}, {"b": b"two"}),
    *,
    is_docker: bool = False,
    architecture: str = "amd64",
    diff_ids: Sequence[str] | None = None,
) -> Published:
    """Put an image of gzip layers into a registry. Its manifest is written with spaces, as no encoder of ours does."""
    tars = [tar_of(layer) for layer in files]
    layers = tuple(gzip.compress(tar, mtime=7) for tar in tars)
    document = {
        "architecture": architecture,
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids or map(digest_of, tars))},
    }
    config = json.dumps(document, indent=1).encode()
    types = (DOCKER_MANIFEST, DOCKER_CONFIG, DOCKER_LAYER) if is_docker else (OCI_MANIFEST, CONFIG, LAYER)
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": types[0],
            "config": descriptor(types[1], config),
            "layers": [descriptor(types[2], layer) for layer in layers],
        },
        indent=3,
    ).encode()
    for blob in (config, *layers):
        registry.add_blob(repository, blob)
    registry.add_manifest(repository, tag, manifest, types[0])
    return Published(manifest, config, layers)


def client(
    *,
    credentials: Credentials | None = None,
    host: str = "",
    notes: list[str] | None = None,
    waits: list[float] | None = None,
    between: Callable[[float], None] = lambda seconds: None,
) -> Registries:
    """A client that notes how long it would have waited instead of waiting."""

    def pause(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)
        between(seconds)

    documents: tuple[tuple[str, dict[str, object]], ...] = ()
    if credentials is not None:
        entry: dict[str, object] = dict(encode_entry(credentials))
        documents = (("test", {"auths": {host: entry}}),)
    return Registries(
        RegistrySettings(
            credentials=CredentialSources(documents),
            notify=(lambda message: None) if notes is None else notes.append,
            pause=pause,
        )
    )
