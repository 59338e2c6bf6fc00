"""An image in a registry: which manifest a reference means on a platform, and what its config says."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlang.errors import InputError, LimitError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Index, Manifest
from dockerlang.oci.platform import Platform, host_platform
from dockerlang.oci.reference import Reference
from dockerlang.records import record, replace
from dockerlang.registry.downloads import BlobSink, MemorySink, download_into
from dockerlang.registry.errors import NotInRegistryError
from dockerlang.registry.repository import FetchedManifest, Repository

CONFIG_LIMIT = 8 << 20
_NESTING_LIMIT = 4


class NotAnImageError(InputError):
    """What the reference names is something else than an image: a chart, a signature, a policy."""


@record
class RemoteImage:
    """An image that can be pulled. `digest` is what the reference means: that of an index, where there is one.

    `sources` are the repositories to ask for its blobs: the one that had the manifest, then those that come after it.
    """

    sources: tuple[Repository, ...]
    reference: Reference
    digest: Digest
    manifest: Manifest

    @property
    def repository(self) -> Repository:
        """The repository that had the manifest."""
        return self.sources[0]

    def config(self) -> bytes:
        """The config's bytes, verified; `LimitError` for more than 8 MiB."""
        if self.manifest.config.size > CONFIG_LIMIT:
            raise LimitError(f"{self.reference.familiar}: its config has more than {CONFIG_LIMIT >> 20} MiB")
        sink = MemorySink(self.manifest.config.digest.algorithm)
        download_into(self.sources, self.manifest.config, sink)
        return sink.data

    def fetch(self, layer: Descriptor, sink: BlobSink) -> None:
        """Bring what `sink` lacks of a layer's blob into it, verified as a whole; as `download_into`."""
        download_into(self.sources, layer, sink)


def find_image(
    repository: Repository, reference: Reference, platform: Platform, others: Sequence[Repository] = ()
) -> RemoteImage:
    """The image that a reference with a tag or digest means on `platform`; `others` may have its blobs, too.

    Raises what `Repository.manifest` does, `NotInRegistryError` where an index has nothing for the platform, and
    `NotAnImageError` for another kind of artifact.
    """
    reference = reference.resolved()
    fetched = repository.manifest(reference.digest or reference.tag)
    manifest = _select(repository, fetched, platform, _NESTING_LIMIT)
    if manifest.config.media_type not in media.CONFIGS:
        kind = manifest.artifact_type or manifest.config.media_type
        raise NotAnImageError(
            f"{reference.familiar} is no container image: unsupported media type {kind}",
            hint="tools for artifacts of that kind can fetch it",
        )
    for layer in manifest.layers:
        if not media.is_layer(layer.media_type):
            raise NotAnImageError(f"{reference.familiar} has a layer of an unsupported media type: {layer.media_type}")
    return RemoteImage((repository, *others), reference, fetched.digest, manifest)


def find_images(
    repository: Repository, reference: Reference, platforms: Sequence[Platform], others: Sequence[Repository] = ()
) -> tuple[Manifest | Index, tuple[RemoteImage, ...]]:
    """What a reference means, and its images for all `platforms`; without any, every image that it names.

    Raises what `find_image` does.
    """
    reference = reference.resolved()
    fetched = repository.manifest(reference.digest or reference.tag)
    named = Reference(reference.domain, reference.path, digest=fetched.digest)
    document = fetched.document
    if isinstance(document, Manifest) or platforms:
        wanted = platforms or (host_platform(),)
        return document, tuple(find_image(repository, named, platform, others) for platform in wanted)
    parts = [item for item in document.manifests if not item.is_attestation]
    images = []
    for part in parts:
        try:
            images.append(find_image(repository, replace(named, digest=part.digest), host_platform(), others))
        except NotAnImageError as error:
            repository.host.transport.notify(f"passed over: {error}")
    if not images:
        raise NotInRegistryError(f"{reference.familiar} names no image")
    return document, tuple(images)


def _select(repository: Repository, fetched: FetchedManifest, platform: Platform, depth: int) -> Manifest:
    document = fetched.document
    if isinstance(document, Manifest):
        return document
    chosen = document.select(platform)
    if chosen is None or depth == 0:
        raise NotInRegistryError(
            f"no matching manifest for {platform} in the manifest list entries of {repository.shown(fetched.digest)}",
            hint=_offers(document),
        )
    following = repository.manifest(chosen.digest)
    chosen.check(following.document.raw)
    return _select(repository, following, platform, depth - 1)


def _offers(index: Index) -> str:
    platforms = {str(item.platform) for item in index.manifests if item.platform and not item.is_attestation}
    return f"there are {', '.join(sorted(platforms))}: choose one with --platform" if platforms else ""
