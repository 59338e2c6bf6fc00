"""Pushing: an image of the store goes to a registry, its layers five at a time, its manifest last.

An image that came from elsewhere goes out with the manifest it came with, so its digests stay. One that was built here
gets an OCI manifest and compressed layers, which are kept for the next time.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from dockerlang.images.progress import LayerEvent, LayerState, Listener
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.forms import GZIP
from dockerlang.oci.manifest import Index, Manifest
from dockerlang.oci.reference import Reference
from dockerlang.records import record, replace
from dockerlang.registry.registry import Registries
from dockerlang.registry.repository import Repository
from dockerlang.registry.uploads import Sent, upload
from dockerlang.store.blobs import open_blob
from dockerlang.store.documents import NamedDocument
from dockerlang.store.forms import layer_in_form
from dockerlang.store.operation import Operation
from dockerlang.store.pushing import (
    manifest_as_it_came,
    manifest_of,
    note_pushed,
    repositories_with,
)
from dockerlang.store.records import StoredImage

PARALLEL_LAYERS = 5
_PLAIN = frozenset({media.OCI_LAYER, media.DOCKER_LAYER})


@record
class PushedImage:
    """What the registry has now: `digest` and `size`, in bytes, are those of the manifest."""

    reference: Reference
    digest: Digest
    size: int


def push_image(
    operation: Operation,
    registries: Registries,
    image: StoredImage,
    reference: Reference,
    *,
    listener: Listener = lambda event: None,
) -> PushedImage:
    """Push a pinned image under a reference with a tag. Raises branches of `RegistryError`, `StoreError`."""
    repository = registries.target(reference)
    came = manifest_as_it_came(operation, image)
    layers: Sequence[Descriptor | None] = [None] * len(image.diff_ids) if came is None else came.layers
    # An image may have one layer twice; each blob is sent once.
    wanted = {(diff_id, layer and layer.digest): layer for diff_id, layer in zip(image.diff_ids, layers, strict=True)}
    # docker shows the layers of a push by their diff IDs, the uppermost first.
    for diff_id, _ in reversed(wanted):
        listener(LayerEvent(diff_id.short, LayerState.PREPARING))
    with ThreadPoolExecutor(PARALLEL_LAYERS, thread_name_prefix="push") as pool:
        tasks = {
            key: pool.submit(_push_layer, operation, repository, key[0], layer, listener)
            for key, layer in wanted.items()
        }
        try:
            pushed = {diff_id: task.result() for (diff_id, _), task in tasks.items()}
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    manifest = came or manifest_of(image, [pushed[diff_id] for diff_id in image.diff_ids])
    _push_config(repository, manifest, image)
    digest = repository.put_manifest(manifest, reference.tag)
    note_pushed(operation, image, reference, digest)
    return PushedImage(reference, digest, len(manifest.raw))


def push_document(
    operation: Operation,
    registries: Registries,
    named: NamedDocument,
    reference: Reference,
    *,
    by_digest: bool = False,
    listener: Listener = lambda event: None,
) -> PushedImage:
    """Push an index or a manifest with all that it names, which is in the store and pinned, under a reference.

    Without `by_digest` the reference's tag means it afterwards. Raises branches of `RegistryError`, `StoreError`.
    """
    repository = registries.target(reference)
    layers = {
        layer.digest: (diff_id, layer)
        for image, manifest in named.images
        for diff_id, layer in zip(image.diff_ids, manifest.layers, strict=True)
    }
    with ThreadPoolExecutor(PARALLEL_LAYERS, thread_name_prefix="push") as pool:
        tasks = [pool.submit(_push_layer, operation, repository, *pair, listener) for pair in layers.values()]
        for task in tasks:
            task.result()
    for image, manifest in named.images:
        _push_config(repository, manifest, image)
        if named.index is not None:
            repository.put_manifest(manifest, manifest.digest)
    document = named.document
    digest = repository.put_manifest(document, document.digest if by_digest else reference.tag)
    for image, manifest in named.images:
        note_pushed(operation, image, reference, manifest.digest)
    note_pushed(operation, named.images[0][0], reference, digest)
    return PushedImage(reference, digest, len(document.raw))


def compressed_document(operation: Operation, named: NamedDocument) -> NamedDocument:
    """The document whose plain layers are compressed, as a registry wants them; annotations and platforms stay."""
    images = tuple((image, _compressed(operation, image, manifest)) for image, manifest in named.images)
    if named.index is None:
        return NamedDocument(images, None)
    parts = [
        replace(part, digest=manifest.digest, size=len(manifest.raw))
        for part, (_, manifest) in zip(named.index.manifests, images, strict=True)
    ]
    index = Index.build(parts, media_type=named.index.media_type, annotations=named.index.annotations)
    return NamedDocument(images, index)


def _compressed(operation: Operation, image: StoredImage, manifest: Manifest) -> Manifest:
    if all(layer.media_type not in _PLAIN for layer in manifest.layers):
        return manifest
    layers = [
        layer_in_form(operation, diff_id, GZIP) if layer.media_type in _PLAIN else layer
        for diff_id, layer in zip(image.diff_ids, manifest.layers, strict=True)
    ]
    if media.is_docker(manifest.media_type):
        layers = [
            replace(layer, media_type=media.TO_DOCKER.get(layer.media_type, layer.media_type)) for layer in layers
        ]
    return Manifest.build(manifest.config, layers, media_type=manifest.media_type, annotations=manifest.annotations)


def _push_layer(
    operation: Operation, repository: Repository, diff_id: Digest, layer: Descriptor | None, listener: Listener
) -> Descriptor:
    short = diff_id.short
    if layer is None:
        layer = layer_in_form(
            operation,
            diff_id,
            GZIP,
            keeps_compressed=True,
            progress=lambda done: listener(LayerEvent(short, LayerState.COMPRESSING, done)),
        )
    if media.is_nondistributable(layer.media_type):
        listener(LayerEvent(short, LayerState.SKIPPED))
        return layer
    digest, size = layer.digest, layer.size
    sources = repositories_with(operation, digest, repository.name.domain)
    sent, source = upload(
        repository,
        layer,
        lambda: open_blob(operation.store.layout, digest),
        sources=[path for path in sources if path != repository.name.path],
        progress=lambda done: listener(LayerEvent(short, LayerState.PUSHING, done, size)),
    )
    match sent:
        case Sent.EXISTED:
            listener(LayerEvent(short, LayerState.EXISTS_THERE))
        case Sent.MOUNTED:
            listener(LayerEvent(short, LayerState.MOUNTED, detail=source))
        case Sent.UPLOADED:
            listener(LayerEvent(short, LayerState.PUSHED))
    return layer


def _push_config(repository: Repository, manifest: Manifest, image: StoredImage) -> None:
    upload(repository, manifest.config, lambda: io.BytesIO(image.config_bytes))
