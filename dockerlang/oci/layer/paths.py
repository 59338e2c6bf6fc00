"""Paths inside a root: bytes, relative, without `.`, `..` and needless slashes; the root itself is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dockerlang.errors import InputError
from dockerlang.oci.tar import printable

LONGEST_NAME = 255
LONGEST_PATH = 4095
# As in the kernel.
MOST_LINKS = 40


def normalise(path: bytes) -> bytes:
    """`path` as a path inside the root, by its text alone: `/a/./b/../c` is `a/c`, and `..` never leads out."""
    # Nearly all paths of an archive are normal already; these tests are cheap and miss none that is not.
    if path and path[0] != 0x2F and path[-1] not in b"/." and b"./" not in path and b"//" not in path:
        return path
    names: list[bytes] = []
    for name in path.split(b"/"):
        if name == b"..":
            del names[-1:]
        elif name not in (b"", b"."):
            names.append(name)
    return b"/".join(names)


def join(directory: bytes, name: bytes) -> bytes:
    """The path of `name` in `directory`."""
    return directory + b"/" + name if directory else name


def split(path: bytes) -> tuple[bytes, bytes]:
    """The directory and the name of a normalised path."""
    directory, _, name = path.rpartition(b"/")
    return directory, name


def parents(path: bytes) -> Iterator[bytes]:
    """Every directory above a normalised path, the root first."""
    yield b""
    slash = path.find(b"/")
    while slash >= 0:
        yield path[:slash]
        slash = path.find(b"/", slash + 1)


def resolve_in_root(path: bytes, link_at: Callable[[bytes], bytes | None], *, follow_last: bool = True) -> bytes:
    """Where `path` leads when symbolic links are followed as with the kernel's RESOLVE_IN_ROOT: never out of the root.

    `link_at` gives the target of the link at a normalised path, None where there is no link. The last component is only
    followed if `follow_last`. Raises `InputError` after 40 links.
    """
    pending = path.split(b"/")[::-1]
    names: list[bytes] = []
    links = 0
    while pending:
        name = pending.pop()
        if name in (b"", b"."):
            continue
        if name == b"..":
            del names[-1:]
            continue
        names.append(name)
        target = link_at(b"/".join(names)) if pending or follow_last else None
        if target is None:
            continue
        links += 1
        if links > MOST_LINKS:
            raise InputError(f"{printable(path)}: too many symbolic links, one of them leads back to itself")
        names.pop()
        if target.startswith(b"/"):
            names.clear()
        pending.extend(target.split(b"/")[::-1])
    return b"/".join(names)
