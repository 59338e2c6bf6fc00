"""What the caller of a build wants to have of it, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from enum import Enum
from pathlib import Path

from dockerlang.oci.forms import Form
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference
from dockerlang.oci.tar import Writable
from dockerlang.records import record

Opener = Callable[[], AbstractContextManager[Writable]]
"""Opens what an archive is written to; a file is put in its place when the block ends without an error."""


class OutputKind(Enum):
    """The kinds of results, as `--output type=` names them; `registry` is an image that is pushed."""

    IMAGE = "image"
    OCI = "oci"
    DOCKER = "docker"
    LOCAL = "local"
    TAR = "tar"


class AnnotationPlace(Enum):
    """Where an annotation is written."""

    MANIFEST = "manifest"
    INDEX = "index"
    MANIFEST_DESCRIPTOR = "manifest-descriptor"
    INDEX_DESCRIPTOR = "index-descriptor"


@record
class Annotation:
    """One annotation; with a `platform` it is for the image of that platform only."""

    place: AnnotationPlace
    name: str
    value: str
    platform: Platform | None = None


@record
class Output:
    """One result of a build.

    An archive goes to what `open` opens, a directory tree to `directory`. `names` are the image's names in it, beside
    those of the build. `form` is how new layers are compressed (None: as they are in the store, and for what leaves it
    as gzip), `recompresses` asks the same of layers that came from elsewhere. With `clamps_times` no file of a new
    layer is younger than SOURCE_DATE_EPOCH. `splits_platforms` gives each platform a directory of its own (None: if
    there are several), `removes_others` empties the directory of everything else, `is_kept` is false for an image that
    is only pushed. `epoch`, in seconds, is the time of all files in place of SOURCE_DATE_EPOCH. `is_streamed`
    says that the archive goes to the standard output.
    """

    kind: OutputKind
    open: Opener | None = None
    directory: Path | None = None
    names: tuple[Reference, ...] = ()
    form: Form | None = None
    recompresses: bool = False
    uses_docker_types: bool = False
    clamps_times: bool = False
    annotations: tuple[Annotation, ...] = ()
    pushes: bool = False
    pushes_by_digest: bool = False
    insecure: bool = False
    is_kept: bool = True
    splits_platforms: bool | None = None
    removes_others: bool = False
    epoch: int | None = None
    is_streamed: bool = False


@record
class Annotations:
    """All annotations of one output, asked for by place."""

    items: tuple[Annotation, ...] = field(default=())

    def at(self, place: AnnotationPlace, platform: Platform | None = None) -> Mapping[str, str]:
        """What is to be written at a place, for a platform's manifest or its descriptor."""
        return {
            item.name: item.value
            for item in self.items
            if item.place is place and (item.platform is None or item.platform == platform)
        }
