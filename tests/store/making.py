"""Layers, images and archives for tests, the archives written by Python's own `tarfile`."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dockerlang.oci.config import ContainerConfig, History, ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import parse_reference
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage

CREATED = "2024-01-02T03:04:05Z"


def tar_of(files: Mapping[str, bytes | str]) -> bytes:
    """An archive of regular files; a name that ends in `/` is a directory, one whose data is text a symbolic link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            if name.endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(info)
            elif isinstance(data, str):
                info.type, info.linkname = tarfile.SYMTYPE, data
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def add_layer(operation: Operation, files: Mapping[str, bytes | str]) -> Digest:
    with operation.new_layer() as sink:
        sink.write(tar_of(files))
        return sink.commit().diff_id


def config_of(diff_ids: Sequence[Digest], **fields: Any) -> ImageConfig:
    history = tuple(History(created=CREATED, created_by=f"layer {number}") for number in range(len(diff_ids)))
    config = ImageConfig("amd64", "linux", created=CREATED, diff_ids=tuple(diff_ids), history=history)
    return replace(config, **fields)


def add_image(
    operation: Operation,
    *layers: Mapping[str, bytes | str],
    name: str = "",
    parent: StoredImage | None = None,
    is_step: bool = False,
    labels: Mapping[str, str] | None = None,
    **fields: Any,
) -> StoredImage:
    """An image of new layers, on those of `parent` if there is one."""
    below = () if parent is None else parent.diff_ids
    diff_ids = (*below, *(add_layer(operation, files) for files in layers))
    config = config_of(diff_ids, config=ContainerConfig(labels=labels or {}), **fields)
    image = operation.add_image(config.to_bytes(), parent=None if parent is None else parent.id, is_step=is_step)
    if name:
        operation.tag(parse_reference(name), image)
    return image


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def docker_archive(
    layers: Sequence[bytes], tags: Sequence[str] | None = ("app:1",), *, diff_ids: Sequence[str] | None = None
) -> dict[str, bytes | str]:
    """The files of a classic docker archive; `layers` may be compressed, `diff_ids` may lie."""
    plain = [gzip.decompress(layer) if layer[:2] == b"\x1f\x8b" else layer for layer in layers]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": CREATED,
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids or [f"sha256:{sha256(layer)}" for layer in plain])},
    }
    raw = json.dumps(config).encode()
    names = [f"{sha256(layer)}/layer.tar" for layer in layers]
    table = [{"Config": f"{sha256(raw)}.json", "RepoTags": tags and list(tags), "Layers": names}]
    files: dict[str, bytes | str] = dict(zip(names, layers, strict=True))
    return {f"{sha256(raw)}.json": raw, **files, "manifest.json": json.dumps(table).encode()}


def oci_layout(layer: bytes, annotations: Mapping[str, str]) -> dict[str, bytes | str]:
    """The files of an OCI layout with one image of one gzip layer."""
    blobs: dict[str, bytes | str] = {}

    def put(data: bytes, media_type: str) -> dict[str, object]:
        blobs[f"blobs/sha256/{sha256(data)}"] = data
        return {"mediaType": media_type, "digest": f"sha256:{sha256(data)}", "size": len(data)}

    config = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(layer)}"]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": put(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [put(gzip.compress(layer, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")],
    }
    descriptor = put(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
    index = {"schemaVersion": 2, "manifests": [{**descriptor, "annotations": dict(annotations)}]}
    return {**blobs, "oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode()}
