"""Whiteouts: how a layer says that a file of the layers below is gone (OCI image specification, "Whiteouts").

`.wh.NAME` hides NAME in its directory, `.wh..wh..opq` hides everything in its directory. Both act only on the layers
below, wherever in the archive they stand.
"""

from __future__ import annotations

from dockerlang.oci.layer.paths import join, split
from dockerlang.oci.tar import Entry, Kind

PREFIX = b".wh."
OPAQUE = b".wh..wh..opq"
# Names that storage drivers kept for themselves once; they stand for nothing.
META_PREFIX = b".wh..wh."


def whiteout(path: bytes) -> Entry:
    """The entry that hides `path`, as BuildKit writes it: an empty file of mode 0 from 1970."""
    directory, name = split(path)
    return Entry(join(directory, PREFIX + name), Kind.FILE, mode=0)


def opaque(directory: bytes) -> Entry:
    """The entry that hides what the layers below have in `directory` (empty for the root)."""
    return Entry(join(directory, OPAQUE), Kind.FILE, mode=0)


def is_reserved(path: bytes) -> bool:
    """Whether a component of `path` has a name that means a whiteout, so that no file can have it in a layer."""
    return PREFIX in path and any(name.startswith(PREFIX) for name in path.split(b"/"))
