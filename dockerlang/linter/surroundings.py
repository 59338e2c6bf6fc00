"""What a rule may know beyond the text of the file. All of it is optional: rules that need it are silent without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.oci.platform import Platform
    from dockerlang.semantics.ignore import IgnoreFile


@record
class Surroundings:
    """The things around a Dockerfile that someone with access to them has looked up.

    `ignore_file` is the one that holds for the build context. `environment_of` gives the environment and `platform_of`
    the platform of a base image by its name, None for an image that is not at hand; `target_platform` is what is built
    for, None for this machine's.
    """

    ignore_file: IgnoreFile | None = None
    environment_of: Callable[[str], Mapping[str, str] | None] | None = None
    platform_of: Callable[[str], Platform | None] | None = None
    target_platform: Platform | None = None
