"""A path that is not in a tree, and the one that is most like it."""

from __future__ import annotations

from dockerlang.builder.files import SourceTree, resolve
from dockerlang.text import nearest


def near_path(tree: SourceTree, path: bytes) -> str:
    """The path in the tree that is most like `path`, as far as one is; empty where its first part is like nothing.

    Each part is looked for in one directory only. It may differ in case alone, or be missing a little.
    """
    found: list[bytes] = []
    is_other = False
    for part in path.split(b"/"):
        directory = resolve(tree, b"/".join(found))
        if directory is None or not directory.is_directory:
            break
        name = part if resolve(tree, b"/".join([*found, part])) is not None else _like(part, directory.path, tree)
        if not name:
            break
        is_other = is_other or name != part
        found.append(name)
    return b"/".join(found).decode("utf-8", "replace") if is_other else ""


def _like(part: bytes, directory: bytes, tree: SourceTree) -> bytes:
    names = {
        _text(child.path.rpartition(b"/")[2]): child.path.rpartition(b"/")[2] for child in tree.children(directory)
    }
    by_case = {name.lower(): name for name in names}
    near = by_case.get(_text(part).lower()) or nearest(_text(part), names)
    return names.get(near, b"")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
