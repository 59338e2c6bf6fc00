"""A path that is not in a tree, and the one that is most like it."""

from __future__ import annotations

from dockerlang.builder.files import SourceTree, resolve
from dockerlang.text import nearest


def near_path(tree: SourceTree, path: bytes) -> str:
    """As far as `path` exists, and from there the name most like the one that is missing; empty where none is.

    The name may differ in case alone, or be missing a little; it is looked for in one directory only.
    """
    parts = path.split(b"/")
    for count, part in enumerate(parts):
        directory = resolve(tree, b"/".join(parts[:count]))
        if directory is None or not directory.is_directory:
            return ""
        if resolve(tree, b"/".join(parts[: count + 1])) is None:
            names = [_text(child.path.rpartition(b"/")[2]) for child in tree.children(directory.path)]
            by_case = {name.lower(): name for name in names}
            near = by_case.get(_text(part).lower()) or nearest(_text(part), names)
            return "/".join([*map(_text, parts[:count]), near]) if near else ""
    return ""


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
