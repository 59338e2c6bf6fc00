"""The final root file system of an image: all layers merged, as entries with their data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dockerlang.builder.outputs.layer_data import LayerData
from dockerlang.oci.tar import Entry, Kind, Readable, TarWriter
from dockerlang.oci.tree import MergedTree
from dockerlang.records import replace
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import StoredImage

RootFile = tuple[Entry, Readable | None]
"""A file, and its data where it is a regular one; a further name of an earlier file is a hard link to that."""


@contextmanager
def root_files(store: StoreReader, image: StoredImage, epoch: int | None = None) -> Iterator[Iterator[RootFile]]:
    """The files of an image but its root directory, each directory before its contents, names in order of their bytes.

    With an `epoch`, in seconds since 1970, that is the time of all of them.
    """
    tree = MergedTree([store.layer_index(layer) for layer in image.diff_ids])
    with LayerData(store, image.diff_ids) as data:
        yield _files(tree, data, epoch)


def _files(tree: MergedTree, data: LayerData, epoch: int | None) -> Iterator[RootFile]:
    first_names: dict[tuple[int, int], bytes] = {}
    for node in tree.walk():
        entry = node.entry if epoch is None else replace(node.entry, mtime_ns=epoch * 10**9)
        first = entry.path if node.inode is None else first_names.setdefault(node.inode, entry.path)
        if first != entry.path:
            yield replace(entry, kind=Kind.HARDLINK, link=first, size=0, dev_major=0, dev_minor=0, xattrs={}), None
        else:
            yield entry, data.of(node) if entry.kind is Kind.FILE else None


def write_root_archive(files: Iterator[RootFile], tar: TarWriter, prefix: bytes = b"") -> None:
    """Write files to an archive, below a directory `prefix` if that is given."""
    for entry, data in files:
        placed = _below(prefix, entry) if prefix else entry
        tar.add(placed, b"" if data is None else data)


def _below(prefix: bytes, entry: Entry) -> Entry:
    link = prefix + b"/" + entry.link if entry.kind is Kind.HARDLINK else entry.link
    return replace(entry, path=prefix + b"/" + entry.path, link=link)


def directory_entry(path: bytes, epoch: int | None) -> Entry:
    """A directory that no image has, such as that of a platform."""
    return Entry(path, Kind.DIRECTORY, 0o755, mtime_ns=(epoch or 0) * 10**9)
