"""The parts of an image's name as FROM writes it, before anything is expanded."""

from __future__ import annotations

from dataclasses import dataclass

SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class ImageName:
    """`[registry/]path[:tag][@digest]` cut at its separators; parts that are not written are empty."""

    registry: str
    path: str
    tag: str
    digest: str

    @property
    def last_component(self) -> str:
        """The last part of the path: `nginx` of `docker.io/library/nginx`."""
        return self.path.rpartition("/")[2]


def split_image(text: str) -> ImageName:
    """Cut a name into its parts. What stands before the first `/` is a registry if it looks like a host."""
    name, _, digest = text.partition("@")
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    path = folder + slash + last
    first, slash, rest = path.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return ImageName(first, rest, tag, digest)
    return ImageName("", path, tag, digest)
