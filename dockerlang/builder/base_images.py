"""Base images of a build: from the store, from a registry, or from an OCI layout on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerlang.builder.events import Listener
from dockerlang.builder.lower.options import BaseImage
from dockerlang.errors import NotFoundError
from dockerlang.oci.platform import Platform, best_match, matches
from dockerlang.oci.reference import Reference, is_identifier, parse_reference
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage

if TYPE_CHECKING:
    from dockerlang.builder.pulling import Pull


class StoreImages:
    """Base images from the local store, pulled into it where they are missing, pinned by the build that uses them.

    A pull is told to `listener` as a step of its own.
    """

    def __init__(
        self,
        operation: Operation,
        pull: Pull | None = None,
        *,
        always_pulls: bool = False,
        listener: Listener = lambda event: None,
    ) -> None:
        self._operation = operation
        self._pull = pull
        self._listener = listener
        self._always_pulls = always_pulls
        self._pulled: set[tuple[Reference, Platform]] = set()

    def find(self, reference: str, platform: Platform) -> BaseImage:
        """The image of that name; raises `NotFoundError` with the way to get it, and what pulling it raises."""
        if reference.startswith("oci-layout://"):
            from dockerlang.builder.contexts.named import layout_of
            from dockerlang.store.archive.layout_image import load_layout_image

            loaded = load_layout_image(self._operation, *layout_of(reference), platform)
            return BaseImage(loaded.id, loaded.config)
        is_name = not is_identifier(reference.removeprefix("sha256:"))
        image = None if self._always_pulls else self._stored(reference, platform, is_name=is_name)
        is_right = image is not None and matches(platform, image.config.platform)
        if not is_right and self._pull is not None and is_name:
            self._pull_once(parse_reference(reference).with_default_tag(), platform, self._pull)
            image = None
        image = image or self._stored(reference, platform, is_name=is_name)
        if image is None:
            raise NotFoundError(
                f"the image `{reference}` is not in the store",
                hint=f"load it (`dockerlang load -i FILE`) or build it with `-t {reference}`",
            )
        return BaseImage(image.id, image.config)

    def _stored(self, reference: str, platform: Platform, *, is_name: bool) -> StoredImage | None:
        """The image of that name; if the name means an index, its image for the platform."""
        image = self._operation.find(reference)
        if image is None or not is_name or image.config.platform == platform:
            return image
        from dockerlang.store.documents import named_document

        named = named_document(self._operation, parse_reference(reference).with_default_tag())
        parts = [] if named is None else [part for part, _ in named.images]
        best = best_match(platform, tuple(part.config.platform for part in parts))
        return image if best is None else parts[best]

    def _pull_once(self, reference: Reference, platform: Platform, pull: Pull) -> None:
        """One build uses one image for one name, however often its Dockerfile says it."""
        if (reference, platform) not in self._pulled:
            from dockerlang.builder.pulling import pull_as_step

            pull_as_step(pull, reference, platform, self._listener)
            self._pulled.add((reference, platform))
