"""Images as a tree of what is built on what, with the size of each and of what it adds to its parent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlang.cli.output.table import columns
from dockerlang.cli.output.units import human_size
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import parse_reference
from dockerlang.store.records import ImageRow


def image_tree(images: Sequence[ImageRow]) -> list[str]:
    """The lines: images without a parent in the store at the margin, children below, the newest first.

    SIZE is the whole image; ADDED is what it does not share with its parent.
    """
    by_id = {image.id: image for image in images}
    children: dict[Digest | None, list[ImageRow]] = {}
    for row in images:
        children.setdefault(row.parent if row.parent in by_id else None, []).append(row)
    rows = [["IMAGE", "ID", "SIZE", "ADDED"]]
    # A stack of our own: a chain of steps may be longer than Python recurses.
    stack: list[tuple[str, Iterator[ImageRow], int]] = [("", iter(children.get(None, [])), 0)]
    remaining = [len(children.get(None, []))]
    while stack:
        indent, siblings, depth = stack[-1]
        image = next(siblings, None)
        if image is None:
            stack.pop()
            remaining.pop()
            continue
        remaining[-1] -= 1
        is_last = remaining[-1] == 0
        branch = "" if not depth else "└─ " if is_last else "├─ "
        parent = by_id.get(image.parent) if image.parent is not None else None
        added = image.size - (parent.size if parent is not None else 0)
        rows.append([f"{indent}{branch}{_names(image)}", image.id.short, human_size(image.size), human_size(added)])
        below = children.get(image.id, [])
        deeper = indent if not depth else indent + ("   " if is_last else "│  ")
        stack.append((deeper, iter(below), depth + 1))
        remaining.append(len(below))
    return columns(rows)


def _names(image: ImageRow) -> str:
    names = ", ".join(parse_reference(name).familiar for name in image.names)
    return names or ("<step>" if image.is_step else "<untagged>")
