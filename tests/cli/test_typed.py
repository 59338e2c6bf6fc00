"""Typed JSON of listings, and the tree of images."""

from __future__ import annotations

from dockerlang.cli.output.image_tree import image_tree
from dockerlang.cli.output.typed import typed_images
from dockerlang.oci.digest import Digest
from dockerlang.store.records import ImageRow


def row(digit: str, parent: str = "", size: int = 1000, name: str = "", is_step: bool = False) -> ImageRow:
    above = Digest("sha256", parent * 64) if parent else None
    names = (f"docker.io/library/{name}:latest",) if name else ()
    return ImageRow(Digest("sha256", digit * 64), above, 0.5, size, is_step, False, False, names, ())


def test_types_of_images() -> None:
    (image,) = typed_images([row("a", size=1982329, name="app")])
    assert image == {
        "id": "sha256:" + "a" * 64,
        "parent": None,
        "names": ["docker.io/library/app:latest"],
        "digests": [],
        "created": "1970-01-01T00:00:00.500000Z",
        "size": 1982329,
        "is_step": False,
    }


def test_the_tree_shows_parents_and_what_is_added() -> None:
    images = [
        row("a", name="base"),
        row("b", "a", 1500, is_step=True),
        row("c", "b", 1700, "app"),
        row("d", "a", 1000, "other"),
        row("e", "9", 10),
    ]
    assert image_tree(images) == [
        "IMAGE              ID             SIZE      ADDED",
        "base:latest        aaaaaaaaaaaa   1kB       1kB",
        "├─ <step>          bbbbbbbbbbbb   1.5kB     500B",
        "│  └─ app:latest   cccccccccccc   1.7kB     200B",
        "└─ other:latest    dddddddddddd   1kB       0B",
        "<untagged>         eeeeeeeeeeee   10B       10B",
    ]
