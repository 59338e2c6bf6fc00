"""The one base image that every FROM of the recorded trees was answered with."""

from __future__ import annotations

from dockerlang.builder.lower.options import BaseImage
from dockerlang.errors import NotFoundError
from dockerlang.oci.config import ContainerConfig, History, ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import InvalidReferenceError, parse_reference
from dockerlang.semantics.predefined import DEFAULT_PATH

_LAYER = Digest.parse("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")


class StubImages:
    """Every image is the same small one."""

    def find(self, reference: str, platform: Platform) -> BaseImage:
        """The image, whatever its name; the name must be one."""
        try:
            parse_reference(reference)
        except InvalidReferenceError as error:
            raise NotFoundError(str(error)) from None
        config = ImageConfig(
            architecture="amd64",
            os="linux",
            config=ContainerConfig(env=(f"PATH={DEFAULT_PATH}",), cmd=("sh",)),
            diff_ids=(_LAYER,),
            history=(History(created="2020-01-01T00:00:00Z", created_by="base"),),
        )
        return BaseImage(Digest("sha256", "0" * 64), config)
