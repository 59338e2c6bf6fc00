"""Bringing back what a store has lost of its images, from the registries that they came from."""

from __future__ import annotations

from dockerlang.errors import DockerlangError
from dockerlang.images.pull import bring_image
from dockerlang.oci.platform import host_platform
from dockerlang.oci.reference import parse_reference
from dockerlang.registry.registry import Registries
from dockerlang.store.check import LostImage
from dockerlang.store.operation import Operation


def fetch_again(operation: Operation, registries: Registries, image: LostImage) -> str:
    """Fetch what is missing of an image that came from a registry; what was done, in a line."""
    problem = ""
    for name in image.sources:
        reference = parse_reference(name)
        try:
            remote = registries.image(reference, image.platform or host_platform())
            if remote.manifest.config.digest != image.id:
                continue
            bring_image(operation, remote, host_platform())
        except DockerlangError as error:
            problem = f": {error}"
        else:
            return f"fetched {image.id} again from {reference.familiar_name}"
    return f"could not fetch {image.id} again{problem}"
