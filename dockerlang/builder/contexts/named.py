"""Named contexts: `NAME=VALUE` of `--build-context`, and which of them a name in the Dockerfile means.

A value is a directory, an image (`docker-image://`), an image in an OCI layout (`oci-layout://`), a git repository or a
URL. A name is that of a stage or of an image; `NAME::PLATFORM` is meant for one platform.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from dockerlang.errors import InputError, UsageError
from dockerlang.oci.platform import Platform, parse_platform
from dockerlang.oci.reference import InvalidReferenceError, parse_reference
from dockerlang.records import record
from dockerlang.semantics.gitref import GitReference, InvalidGitReference, parse_git_reference

_URL = re.compile(r"https?://", re.IGNORECASE)
_IMAGE = "docker-image://"
_LAYOUT = "oci-layout://"
_BAKE = "target:"
_PLATFORM = "::"
_NAME_OF_NOTHING = "scratch"


@record
class DirectoryContext:
    """A directory of this machine."""

    path: Path


@record
class ImageContext:
    """An image: the name of one, or `oci-layout://PATH[:TAG][@DIGEST]` with an absolute path."""

    reference: str

    @property
    def is_empty(self) -> bool:
        """Whether it is the image without files."""
        return self.reference == _NAME_OF_NOTHING


@record
class GitContext:
    """A git repository, or a directory of one."""

    reference: GitReference


@record
class FileContext:
    """The file behind a URL, which is all that the context holds; an archive stays one, as in the reference."""

    url: str


NamedContext = DirectoryContext | ImageContext | GitContext | FileContext


def parse_named_context(text: str) -> tuple[str, NamedContext]:
    """The name, in the form in which it is looked up, and the context. Raises `UsageError`, `InputError`."""
    name, has_value, value = text.partition("=")
    if not has_value or not name or not value:
        raise UsageError(
            f"`--build-context {text}` is not understood",
            hint="write --build-context NAME=DIRECTORY, or NAME=docker-image://IMAGE",
        )
    return _key(name), _context(name, value)


def find_named_context(
    contexts: Mapping[str, NamedContext], name: str, platform: Platform
) -> tuple[str, NamedContext] | None:
    """The context that a name of a stage or an image means on a platform, with its key; the platform's own first."""
    if not contexts:
        return None
    try:
        familiar = familiar_name(name)
    except InvalidReferenceError:
        return None
    for key in (f"{familiar}{_PLATFORM}{platform}", familiar):
        if key in contexts:
            return key, contexts[key]
    return None


def familiar_name(name: str) -> str:
    """A name as contexts are known: as docker prints images, and without `:latest`. Raises `InvalidReferenceError`."""
    return parse_reference(name).familiar.removesuffix(":latest")


def _key(name: str) -> str:
    image, separator, platform = name.partition(_PLATFORM)
    try:
        return familiar_name(image) + (f"{_PLATFORM}{parse_platform(platform)}" if separator else "")
    except InputError as error:
        raise UsageError(
            f"`{name}` cannot be the name of a build context: {error}",
            hint="name it like the stage or the image that it is to stand for",
        ) from None


def _context(name: str, value: str) -> NamedContext:
    if value.startswith(_IMAGE):
        return _image(name, value.removeprefix(_IMAGE))
    if value.startswith(_LAYOUT):
        return _layout(name, value.removeprefix(_LAYOUT))
    if value.startswith(_BAKE):
        raise UsageError(
            f"the build context `{name}`: other targets ({value}) are known to bake files alone",
            hint="build that target first, tag it, and name it as docker-image://TAG",
        )
    try:
        repository = parse_git_reference(value)
    except InvalidGitReference as error:
        raise UsageError(f"the build context `{name}`: {error}") from None
    # The old form without a scheme is for the main context alone.
    if repository is not None and not repository.is_like_local_path:
        return GitContext(repository)
    if _URL.match(value):
        return FileContext(value)
    return _directory(name, value)


def _image(name: str, reference: str) -> ImageContext:
    if reference == _NAME_OF_NOTHING:
        return ImageContext(reference)
    try:
        return ImageContext(str(parse_reference(reference).with_default_tag()))
    except InvalidReferenceError as error:
        raise UsageError(f"the build context `{name}`: {error}") from None


def _layout(name: str, text: str) -> ImageContext:
    written, tag, digest = split_layout(text)
    path = Path(written)
    if not (path / "index.json").is_file():
        what = "is no OCI layout: it has no index.json" if path.is_dir() else "is no directory"
        raise InputError(
            f"the build context `{name}`: {path} {what}",
            hint=f"write {name}=oci-layout://DIRECTORY[:TAG], or unpack the archive first",
        )
    suffix = (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return ImageContext(f"{_LAYOUT}{path.absolute()}{suffix}")


def split_layout(text: str) -> tuple[str, str, str]:
    """Path, tag and digest of `PATH[:TAG][@DIGEST]`, the latter two empty where they are not given."""
    rest, _, digest = text.partition("@")
    path, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        return rest, "", digest
    return path, tag, digest


def layout_of(reference: str) -> tuple[Path, str, str]:
    """Path, tag and digest of `oci-layout://PATH[:TAG][@DIGEST]`."""
    path, tag, digest = split_layout(reference.removeprefix(_LAYOUT))
    return Path(path), tag, digest


def _directory(name: str, value: str) -> DirectoryContext:
    path = Path(value)
    if not path.is_dir():
        what = "is no directory" if path.exists() else "does not exist"
        schemes = f"{_IMAGE}, {_LAYOUT}, a git repository or a URL"
        raise InputError(
            f"the build context `{name}`: {value} {what}", hint=f"correct the path; other contexts are {schemes}"
        )
    return DirectoryContext(path.absolute())
