"""Pulling an image for several platforms: its name then means an index over all that came."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dockerlang.errors import NotFoundError
from dockerlang.images.progress import Listener
from dockerlang.images.pull import PulledImage, bring_image
from dockerlang.oci.manifest import Index, Manifest
from dockerlang.oci.platform import Platform, host_platform, matches
from dockerlang.oci.reference import Reference
from dockerlang.records import replace
from dockerlang.registry.image import RemoteImage
from dockerlang.registry.registry import Registries
from dockerlang.store.documents import NamedDocument, index_over, keep_document, main_image, name_document
from dockerlang.store.operation import Operation
from dockerlang.store.pushing import note_pushed
from dockerlang.store.records import StoredImage


def pull_platforms(
    operation: Operation,
    registries: Registries,
    reference: Reference,
    platforms: Sequence[Platform],
    *,
    listener: Listener = lambda event: None,
    announce: Callable[[RemoteImage], None] = lambda remote: None,
) -> PulledImage:
    """Pull what a reference means on each of `platforms`, or all its images where there are none named, and pin them.

    The name stands for the image that fits this machine, and leaves as an index: the very one that came if all its
    images did, else one over those that were wanted. Raises what `pull_image` does.
    """
    reference = reference.resolved()
    document, remotes = registries.images(reference, platforms)
    before = operation.find(reference)
    announce(replace(remotes[0], reference=reference))
    is_new = False
    brought: dict[str, tuple[StoredImage, Manifest]] = {}
    for remote in remotes:
        part = replace(remote, digest=remote.manifest.digest)
        image, was_missing = bring_image(operation, part, host_platform(), listener=listener)
        brought[str(remote.manifest.digest)] = image, remote.manifest
        is_new = is_new or was_missing
    pairs = tuple(brought.values())
    _refuse_missing(reference, platforms, pairs)
    main = main_image(pairs)
    # A manifest may stand alone.
    index = index_over(document, pairs) if isinstance(document, Index) else None
    named = NamedDocument(pairs, index)
    if reference.tag:
        name_document(operation, reference, main, named)
    elif index is not None:
        keep_document(operation, main, named)
    digest = document.digest
    note_pushed(operation, main, reference, digest)
    return PulledImage(reference, digest, main, is_new=is_new or before is None or before.id != main.id)


def _refuse_missing(
    reference: Reference, platforms: Sequence[Platform], pairs: Sequence[tuple[StoredImage, Manifest]]
) -> None:
    """Refuse an image that stands alone, and is for other platforms than were asked for."""
    offered = [image.config.platform for image, _ in pairs]
    for platform in platforms:
        if not any(matches(platform, offer) for offer in offered):
            raise NotFoundError(
                f"image with reference {reference.familiar} was found but its platform ({offered[0]}) does not match"
                f" the specified platform ({platform})"
            )
