"""What a build gives to its outputs: an image a platform, and what is to be known of it."""

from __future__ import annotations

from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.records import record
from dockerlang.store.records import StoredImage


@record
class BuiltImage:
    """The image of one platform. Its first `base_layers` layers and `base_history` entries of history are its base's.

    `base` is the base image, if there is one; `epoch` is SOURCE_DATE_EPOCH in seconds, if it was given.
    """

    platform: Platform
    image: StoredImage
    base_layers: int
    base_history: int = 0
    base: Digest | None = None
    epoch: int | None = None

    @property
    def directory(self) -> str:
        """The name of its directory where several platforms are written: `linux_arm_v7`."""
        return str(self.platform).replace("/", "_")
