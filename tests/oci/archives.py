"""Short ways to make archives and to say what is in a tree, for the tests of this floor."""

from __future__ import annotations

import io
from collections.abc import Iterable

from dockerlang.oci.layer import index_layer
from dockerlang.oci.tar import Entry, Kind, TarWriter
from dockerlang.oci.tree import MergedTree, TreeNode

SECOND = 10**9
TIME = 1_700_000_000

Item = tuple[Entry, bytes]


def file(path: str, content: bytes = b"x", **fields: object) -> Item:
    """A regular file of mode 0644, written at a fixed time unless `fields` say otherwise."""
    return _entry(path, Kind.FILE, {"size": len(content), "mode": 0o644} | fields), content


def directory(path: str, **fields: object) -> Item:
    """A directory of mode 0755."""
    return _entry(path, Kind.DIRECTORY, {"mode": 0o755} | fields), b""


def symlink(path: str, target: str, **fields: object) -> Item:
    """A symbolic link."""
    return _entry(path, Kind.SYMLINK, {"mode": 0o777, "link": target.encode()} | fields), b""


def hardlink(path: str, target: str, **fields: object) -> Item:
    """A hard link to the file at `target`."""
    return _entry(path, Kind.HARDLINK, {"mode": 0o644, "link": target.encode()} | fields), b""


def special(path: str, kind: Kind, **fields: object) -> Item:
    """A device or a fifo."""
    return _entry(path, kind, fields), b""


def archive(*items: Item) -> bytes:
    """The archive of the items, with names and order just as given."""
    stream = io.BytesIO()
    writer = TarWriter(stream)
    for entry, content in items:
        writer.add(entry, content)
    writer.close()
    return stream.getvalue()


def tree_of(*archives: bytes) -> MergedTree:
    """The tree that the archives make, lowest first."""
    return MergedTree([index_layer(io.BytesIO(data)) for data in archives])


def listing(archives: Iterable[bytes]) -> dict[str, str]:
    """Every path of the tree with a line about it; hard links are told by the number of their names."""
    layers = list(archives)
    tree = tree_of(*layers)
    nodes = list(tree.walk())
    names: dict[tuple[int, int] | None, int] = {}
    for node in nodes:
        names[node.inode] = names.get(node.inode, 0) + 1
    return {
        node.entry.path.decode("utf-8", "surrogateescape"): _line(node, layers, names[node.inode]) for node in nodes
    }


def _line(node: TreeNode, archives: list[bytes], names: int) -> str:
    entry = node.entry
    seconds, fraction = divmod(entry.mtime_ns, SECOND)
    time = f"{seconds}.{fraction:09d}" if fraction else str(seconds)
    parts = [entry.kind.name.lower(), f"{entry.mode:o}", f"{entry.uid}:{entry.gid}", "now" if node.layer < 0 else time]
    if entry.kind is Kind.FILE:
        parts.append(archives[node.layer][node.offset : node.offset + entry.size].decode())
    if entry.link:
        parts.append(f"-> {entry.link.decode()}")
    if entry.kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE):
        parts.append(f"{entry.dev_major},{entry.dev_minor}")
    parts.extend(f"{name.decode()}={value.hex()}" for name, value in entry.xattrs.items())
    if names > 1 and node.inode is not None:
        parts.append(f"names={names}")
    return " ".join(parts)


def _entry(path: str, kind: Kind, fields: dict[str, object]) -> Entry:
    known = {"mtime_ns": TIME * SECOND} | fields
    return Entry(path.encode("utf-8", "surrogateescape"), kind, **known)  # type: ignore[arg-type]
