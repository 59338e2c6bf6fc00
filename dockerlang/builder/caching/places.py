"""Where a shared build cache lies: in a directory, as an OCI layout, or in a registry."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from dockerlang.builder.caching.content import LIMIT, CacheContent, read_content, write_content
from dockerlang.builder.outputs.image_layout import write_blobs, write_index
from dockerlang.errors import InputError, LimitError, NotFoundError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.manifest import Index, Manifest, parse_manifest
from dockerlang.oci.platform import host_platform
from dockerlang.oci.reference import Reference
from dockerlang.records import record
from dockerlang.registry.downloads import download
from dockerlang.registry.registry import Registries
from dockerlang.registry.uploads import upload
from dockerlang.store.blobs import open_blob
from dockerlang.store.layout import Layout
from dockerlang.store.projection import REF_NAME

_CHUNK = 1 << 20


class CachePlace(Protocol):
    """A place that a cache is read from and written to; `str()` names it for people."""

    def read(self) -> CacheContent:
        """What is there; raises a branch of `DockerlangError` where it cannot be read."""
        ...

    def open(self, blob: Descriptor) -> Iterator[bytes]:
        """A layer's blob in pieces."""
        ...

    def write(self, content: CacheContent, layout: Layout) -> None:
        """Put content there, whose blobs are in the store at `layout`, in place of what was there."""
        ...


@record
class DirectoryPlace:
    """An OCI layout; several caches may lie in it under different tags."""

    directory: Path
    tag: str = "latest"

    def __str__(self) -> str:
        return str(self.directory)

    def read(self) -> CacheContent:
        index = parse_manifest(self._bytes(self.directory / "index.json"), media.OCI_INDEX)
        found = [
            manifest
            for manifest in (index.manifests if isinstance(index, Index) else ())
            if manifest.annotations.get(REF_NAME) == self.tag
        ]
        if not found:
            raise NotFoundError(f"{self.directory} holds no build cache with the tag {self.tag}")
        manifest = parse_manifest(found[0].check(self._bytes(self._blob(found[0]))))
        if not isinstance(manifest, Manifest):
            raise InputError(f"{self.directory} holds no build cache of dockerlang with the tag {self.tag}")
        return read_content(manifest, manifest.config.check(self._bytes(self._blob(manifest.config))))

    def open(self, blob: Descriptor) -> Iterator[bytes]:
        try:
            with self._blob(blob).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise InputError(f"cannot read {self._blob(blob)}: {error.strerror}") from None

    def write(self, content: CacheContent, layout: Layout) -> None:
        manifest, config = write_content(content)
        write_blobs(layout, self.directory, [manifest.raw, config], content.blobs.values())
        named = Descriptor.of(manifest.media_type, manifest.raw)
        entry = Descriptor(named.media_type, named.digest, named.size, {REF_NAME: self.tag})
        write_index(self.directory, Index.build([entry]))

    def _blob(self, blob: Descriptor) -> Path:
        return self.directory / "blobs" / blob.digest.algorithm / blob.digest.hex

    @staticmethod
    def _bytes(path: Path) -> bytes:
        try:
            if path.stat().st_size > LIMIT:
                raise LimitError(f"{path} has more than {LIMIT >> 20} MiB")
            return path.read_bytes()
        except OSError as error:
            raise NotFoundError(f"there is no build cache: {path}: {error.strerror}") from None


@record
class RegistryPlace:
    """A tag of a repository: a cache of its own, or an image with an inline cache."""

    registries: Registries
    reference: Reference

    def __str__(self) -> str:
        return self.reference.familiar

    def read(self) -> CacheContent:
        repository = self.registries.repository(self.reference)
        document = repository.manifest(self.reference.digest or self.reference.tag).document
        if isinstance(document, Index):
            chosen = document.select(host_platform())
            if chosen is None:
                raise NotFoundError(f"{self.reference.familiar} has nothing for {host_platform()}")
            document = repository.manifest(chosen.digest).document
        if not isinstance(document, Manifest):
            raise InputError(f"{self.reference.familiar} holds no build cache of dockerlang")
        if document.config.size > LIMIT:
            raise LimitError(f"{self.reference.familiar}: its config has more than {LIMIT >> 20} MiB")
        return read_content(document, b"".join(download(repository, document.config)))

    def open(self, blob: Descriptor) -> Iterator[bytes]:
        return download(self.registries.repository(self.reference), blob)

    def write(self, content: CacheContent, layout: Layout) -> None:
        repository = self.registries.repository(self.reference)
        manifest, config = write_content(content)
        for blob in content.blobs.values():
            upload(repository, blob, lambda digest=blob.digest: open_blob(layout, digest))  # type: ignore[misc]
        upload(repository, manifest.config, lambda: io.BytesIO(config))
        repository.put_manifest(manifest, self.reference.tag)
