"""Pulling: an image of a registry enters the store byte for byte, its layers three at a time.

Each layer enters the store as soon as it is whole, so that a pull which fails later need not fetch it again; of one
that is cut off the next pull fetches only the rest. Two processes that want the same layer wait for each other instead
of both fetching it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event

from dockerlang.errors import InputError, NotFoundError
from dockerlang.images.progress import LayerEvent, LayerState, Listener
from dockerlang.oci.config import parse_config
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform, matches
from dockerlang.oci.reference import Reference
from dockerlang.records import record
from dockerlang.registry.image import RemoteImage
from dockerlang.registry.registry import Registries
from dockerlang.store.foreign_images import add_foreign_image, enter_layer_blob, find_layer_blob, find_whole_image
from dockerlang.store.locks import hold
from dockerlang.store.operation import Operation
from dockerlang.store.partial import PartialBlob, drop_partial_blobs
from dockerlang.store.records import StoredImage

PARALLEL_LAYERS = 3


@record
class PulledImage:
    """What a pull brought. `digest` is what the registry calls it; `is_new` is false where nothing changed here."""

    reference: Reference
    digest: Digest
    image: StoredImage
    is_new: bool


def pull_image(
    operation: Operation,
    registries: Registries,
    reference: Reference,
    platform: Platform,
    *,
    is_exact: bool = False,
    listener: Listener = lambda event: None,
    announce: Callable[[RemoteImage], None] = lambda remote: None,
) -> PulledImage:
    """Pull what a reference means on a platform, name it so, and pin it. `announce` is called before the layers come.

    With `is_exact` an image that is for another platform is refused; else one that stands alone is taken as it is.
    Raises branches of `RegistryError`, and `InputError` for content that is not what its digest or config says.
    """
    reference = reference.resolved()
    remote = registries.image(reference, platform)
    announce(remote)
    before = operation.find(reference)
    names = [reference] if reference.tag else []
    image, is_new = bring_image(operation, remote, platform, names=names, is_exact=is_exact, listener=listener)
    return PulledImage(reference, remote.digest, image, is_new=is_new or before is None or before.id != image.id)


def bring_image(
    operation: Operation,
    remote: RemoteImage,
    platform: Platform,
    *,
    names: Sequence[Reference] = (),
    is_exact: bool = False,
    listener: Listener = lambda event: None,
) -> tuple[StoredImage, bool]:
    """An image that was found in a registry, in the store with these names and pinned; and whether it was not there."""
    whole = find_whole_image(operation, remote.manifest)
    config = remote.config() if whole is None else whole.config_bytes
    pairs = _layers(remote, config, platform, is_exact=is_exact)
    if whole is None:
        _fetch_layers(operation, remote, pairs, listener)
    repo_digest = remote.reference.name, remote.digest
    image = add_foreign_image(operation, remote.manifest, config, names=names, repo_digest=repo_digest)
    return image, whole is None


def _layers(
    remote: RemoteImage, config: bytes, platform: Platform, *, is_exact: bool
) -> list[tuple[Descriptor, Digest]]:
    """Each layer's blob with its diff ID, lowest first."""
    parsed = parse_config(config)
    offered = Platform(parsed.os, parsed.architecture, parsed.variant)
    if is_exact and not matches(platform, offered):
        raise NotFoundError(
            f"image with reference {remote.reference.familiar} was found but its platform ({offered}) does not match"
            f" the specified platform ({platform})"
        )
    if len(parsed.diff_ids) != len(remote.manifest.layers):
        raise InputError(
            f"{remote.reference.familiar}: its config names {len(parsed.diff_ids)} layers,"
            f" its manifest {len(remote.manifest.layers)}"
        )
    return list(zip(remote.manifest.layers, parsed.diff_ids, strict=True))


def _fetch_layers(
    operation: Operation, remote: RemoteImage, pairs: list[tuple[Descriptor, Digest]], listener: Listener
) -> None:
    """Bring in every layer that is not there; the first failure stops the others."""
    # A manifest may name one blob twice.
    wanted = {layer.digest: (layer, diff_id) for layer, diff_id in pairs}
    drop_partial_blobs(operation.store.layout)
    for layer, _ in wanted.values():
        listener(LayerEvent(layer.digest.short, LayerState.PULLING))
    stop = Event()
    with ThreadPoolExecutor(PARALLEL_LAYERS, thread_name_prefix="pull") as pool:
        tasks = [pool.submit(_fetch, operation, remote, *pair, listener, stop) for pair in wanted.values()]
        try:
            done, _ = wait(tasks, return_when=FIRST_EXCEPTION)
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        if any(task.exception() for task in done):
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
    for task in tasks:
        if not task.cancelled() and not isinstance(task.exception(), _Stopped):
            task.result()


class _Stopped(Exception):
    """Another layer has failed, so this one is no longer wanted."""


def _fetch(
    operation: Operation, remote: RemoteImage, layer: Descriptor, diff_id: Digest, listener: Listener, stop: Event
) -> None:
    short = layer.digest.short
    with hold(operation.store.layout.locks / f"blob-{layer.digest.hex}"):
        if find_layer_blob(operation, layer, diff_id) is not None:
            listener(LayerEvent(short, LayerState.EXISTS))
            return
        with PartialBlob(operation.store.layout, layer.digest, layer.size) as partial:
            remote.fetch(layer, _Watched(partial, layer, listener, stop))
            listener(LayerEvent(short, LayerState.VERIFYING))
            enter_layer_blob(operation, partial.finish(), layer.media_type, diff_id)
    listener(LayerEvent(short, LayerState.PULLED))


class _Watched:
    """A blob that tells how far it has come, until it is whole or no longer wanted."""

    def __init__(self, partial: PartialBlob, layer: Descriptor, listener: Listener, stop: Event) -> None:
        self._partial = partial
        self._layer = layer
        self._listener = listener
        self._stop = stop
        self.hexdigest = partial.hexdigest
        self.restart = partial.restart

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return self._partial.size

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        if self._stop.is_set():
            raise _Stopped
        self._partial.write(data)
        self._listener(LayerEvent(self._layer.digest.short, LayerState.DOWNLOADING, self.size, self._layer.size))
