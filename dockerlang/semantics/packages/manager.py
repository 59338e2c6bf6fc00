"""What has to be known of a package manager to read its command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum

from dockerlang.records import record
from dockerlang.semantics.packages.values import Action, PackageSource

Reading = tuple[str, str, PackageSource]
"""Name, constraint and source of a package."""

_REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)[+:@]|.*\.git(?:[#@]|\Z)")


class VerbPlace(Enum):
    """Where the word stands that says what to do."""

    FIRST = "the first operand"
    FIRST_KNOWN = "the first operand that is one, behind words such as `module`"
    ANYWHERE = "any operand, as apt-get takes it"


@record
class Manager:
    """One manager: `verbs` are its subcommands, `read` takes the word for a package apart."""

    name: str
    verbs: Mapping[str, Action]
    options_with_value: tuple[str, ...]
    read: Callable[[str], Reading]
    verb_place: VerbPlace = VerbPlace.FIRST
    prefixes: tuple[str, ...] = ()
    is_long_with_one_hyphen: bool = False
    ends_at_double_hyphen: bool = False


def reader(signs: str, files: tuple[str, ...] = (), *, has_paths: bool = True) -> Callable[[str], Reading]:
    """A reader of `NAME SIGN VERSION`; `signs` is a pattern for the first sign, `files` how names of files end.

    Without `has_paths` a word with slashes in it is a name, unless it begins like a path.
    """
    sign = re.compile(signs)

    def read(text: str) -> Reading:
        located = read_location(text, files, has_paths=has_paths)
        if located is not None:
            return located
        found = sign.search(text, 1)
        if found is None:
            return text, "", PackageSource.INDEX
        return text[: found.start()], text[found.start() :], PackageSource.INDEX

    return read


def read_location(text: str, files: tuple[str, ...], *, has_paths: bool) -> Reading | None:
    """A package that is named by where it is; None for a plain name."""
    if _REPOSITORY.match(text):
        repository, mark, reference = _cut_reference(text)
        return repository, mark + reference, PackageSource.GIT
    if "://" in text:
        return text, "", PackageSource.URL
    if files and text.endswith(files):
        return text, "", PackageSource.FILE
    if text in (".", "..") or text.startswith(("./", "../", "/", "~/")) or (has_paths and "/" in text):
        return text, "", PackageSource.PATH
    return None


def _cut_reference(text: str) -> tuple[str, str, str]:
    """A repository, and the reference in it behind `#` or, in the path, `@`."""
    if "#" in text:
        return text.partition("#")
    start = text.find("/", text.find("://") + 3)
    at = text.find("@", max(start, 0))
    return (text[:at], "@", text[at + 1 :]) if at > 0 and "://" in text else (text, "", "")
