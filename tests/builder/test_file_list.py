"""Lists of files: what was added, removed and changed between two."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from dockerlang.builder.file_list import MAX_FILES, FileList, compare

names = st.binary(min_size=1, max_size=6).filter(lambda name: b"\0" not in name)
trees = st.dictionaries(names, st.tuples(st.binary(max_size=2), st.binary(max_size=2)), min_size=1, max_size=8)


def packed(files: Mapping[bytes, tuple[bytes, bytes]]) -> bytes:
    made = FileList()
    for path, (attributes, content) in files.items():
        made.add(path, attributes, sha256(content).digest())
    data = made.pack()
    assert data is not None
    return data


@given(trees, trees)
def test_every_difference_is_found_once(
    before: dict[bytes, tuple[bytes, bytes]], after: dict[bytes, tuple[bytes, bytes]]
) -> None:
    changes = compare(packed(before), packed(after))
    assert len(changes.added) == len(after.keys() - before.keys())
    assert len(changes.removed) == len(before.keys() - after.keys())
    both = before.keys() & after.keys()
    assert len(changes.changed) == sum(before[path][1] != after[path][1] for path in both)
    assert len(changes) == sum(before.get(path) != after.get(path) for path in before.keys() | after.keys())


def test_another_mode_is_told_from_another_content() -> None:
    changes = compare(packed({b"f": (b"644", b"x")}), packed({b"f": (b"755", b"x")}))
    assert (changes.attributes, changes.changed) == (("f",), ())


def test_no_list_is_kept_of_nothing_or_of_too_much() -> None:
    files = FileList()
    assert files.pack() is None
    for number in range(MAX_FILES + 1):
        files.add(b"%d" % number, b"", b"")
    assert files.pack() is None
