"""Applying a layer to a directory: as an overlay lower directory that still says what it hides, or flattened.

Semantics are those of the OCI image specification, "Applying Changesets". Where engines differ: a whiteout acts on
lower layers only, wherever in the archive it stands; parents that the archive leaves out keep what lower layers say
about them; entries below a link go where the link leads inside the root; a directory's time is what the archive says,
or what it was before its contents changed. Nothing is ever written outside the directory.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path

from dockerlang.errors import InputError
from dockerlang.oci.layer.indexing import HashedData, LayerIndexer
from dockerlang.oci.layer.whiteouts import META_PREFIX, OPAQUE, PREFIX
from dockerlang.oci.tar import Entry, Kind, Readable, printable, read_entries
from dockerlang.store.ownership import give, opaque_attribute
from dockerlang.store.rooted import RootedDirectory, is_whiteout
from dockerlang.store.tree_files import (
    copy_directory_attributes,
    entry_of,
    make_node,
    remove_directory,
    replace_attributes,
    write_file,
)


class TreeForm(Enum):
    """What whiteouts become: marks for overlay mounts, or the removal of what they name."""

    OVERLAY = "overlay"
    FLAT = "flat"


def apply_layer(
    stream: Readable, root: Path, form: TreeForm, lowers: Sequence[Path] = (), indexer: LayerIndexer | None = None
) -> None:
    """Apply the plain tar in `stream` to the directory `root`; the stream may hold more than the archive.

    `indexer` is told of every entry, if there is one.

    In overlay form `root` is empty and `lowers` are the trees below it, lowest first. Raises `InputError` for a layer
    that cannot be applied; `root` is then in an undefined state.
    """
    with RootedDirectory(root, lowers) as directory:
        applier = _Applier(directory, form)
        for entry, data, offset in read_entries(stream):
            hashed = data if indexer is None or entry.kind is not Kind.FILE else HashedData(data)
            try:
                applier.apply(entry, hashed)
            except OSError as error:
                raise InputError(f"layer: {printable(entry.path)}: {error.strerror}") from error
            if indexer is not None:
                indexer.add(entry, offset, hashed.digest() if isinstance(hashed, HashedData) else b"")
        applier.finish()


class _Applier:
    """The state of one application: what this layer has made so far, and the times that directories get at the end."""

    def __init__(self, directory: RootedDirectory, form: TreeForm) -> None:
        self._tree = directory
        self._form = form
        self._made: set[bytes] = set()
        self._times: dict[bytes, int] = {}

    def apply(self, entry: Entry, data: Readable) -> None:
        directory, name = self._tree.locate(entry.path)
        if name == OPAQUE:
            self._hide_contents(directory)
        elif name.startswith(META_PREFIX):
            pass
        elif name.startswith(PREFIX):
            self._hide(entry, directory, name.removeprefix(PREFIX))
        elif name:
            self._add(entry, data, directory, name)
        elif entry.kind is Kind.DIRECTORY:
            self._ensure(directory)
            self._set_directory(entry, directory)
        else:
            raise InputError(f"layer: {printable(entry.path)}: only a directory can stand here")

    def finish(self) -> None:
        """Set the directories' times, when nothing is written into them any more."""
        for directory, time in self._times.items():
            with suppress(FileNotFoundError, NotADirectoryError):
                os.utime(self._tree.descriptor(directory), ns=(time, time))

    def _add(self, entry: Entry, data: Readable, directory: bytes, name: bytes) -> None:
        path = _join(directory, name)
        before = self._tree.status(path)
        if entry.kind is Kind.DIRECTORY and before is not None and stat.S_ISDIR(before.st_mode):
            self._set_directory(entry, path)
            self._made.add(path)
            return
        self._ensure(directory)
        self._note_time(directory)
        source = self._link_source(entry, path) if entry.kind is Kind.HARDLINK else b""
        if before is not None:
            if source == path:
                return
            self._remove(path, before)
        self._made.add(path)
        parent = self._tree.descriptor(directory)
        match entry.kind:
            case Kind.DIRECTORY:
                self._make_directory(directory, name)
                if before is not None and self._is_mark(before):
                    self._hide_contents(path)
                self._set_directory(entry, path)
            case Kind.FILE:
                write_file(parent, name, entry, data)
            case Kind.HARDLINK:
                self._link(source, path)
            case Kind.SYMLINK | Kind.FIFO | Kind.CHARACTER_DEVICE | Kind.BLOCK_DEVICE:
                make_node(parent, name, entry)
                self._tree.forget_links()

    def _ensure(self, directory: bytes) -> int:
        """The open directory at a canonical path, made with its parents as lower layers have it, or plain."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return self._tree.descriptor(directory)
        parent, _, name = directory.rpartition(b"/")
        self._ensure(parent)
        self._note_time(parent)
        status = self._tree.status(directory)
        lower = self._tree.below(directory) if status is None else None
        if status is not None:
            if not self._is_mark(status):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            self._remove(directory, status)
        self._make_directory(parent, name)
        if status is not None:
            self._hide_contents(directory)
        elif lower is not None and stat.S_ISDIR(os.lstat(lower).st_mode):
            self._times[directory] = copy_directory_attributes(lower, self._tree.descriptor(directory))
        return self._tree.descriptor(directory)

    def _make_directory(self, parent: bytes, name: bytes) -> None:
        path = _join(parent, name)
        os.mkdir(name, 0o755, dir_fd=self._tree.descriptor(parent))
        os.fchmod(self._tree.descriptor(path), 0o755)
        self._made.add(path)

    def _set_directory(self, entry: Entry, path: bytes) -> None:
        descriptor = self._tree.descriptor(path)
        give(descriptor, entry.uid, entry.gid)
        os.fchmod(descriptor, entry.mode)
        replace_attributes(descriptor, entry)
        self._times[path] = entry.mtime_ns

    def _note_time(self, directory: bytes) -> None:
        """Remember the time of a directory that this layer did not make, before its contents change."""
        if directory not in self._times and directory not in self._made:
            self._times[directory] = os.fstat(self._tree.descriptor(directory)).st_mtime_ns

    def _is_mark(self, status: os.stat_result) -> bool:
        """Whether this is a whiteout that we made."""
        return self._form is TreeForm.OVERLAY and is_whiteout(status)

    # Whiteouts

    def _hide(self, entry: Entry, directory: bytes, name: bytes) -> None:
        if name in (b"", b".", b".."):
            raise InputError(f"layer: {printable(entry.path)}: this whiteout names nothing")
        path = _join(directory, name)
        status = self._tree.status(path)
        if self._form is TreeForm.FLAT:
            if status is not None:
                self._note_time(directory)
                self._remove_lower(path, status)
        elif status is None:
            # In a directory that only this layer has, the kernel lists a whiteout like a file.
            if self._tree.below(path) is None:
                return
            self._ensure(directory)
            self._note_time(directory)
            os.mknod(name, stat.S_IFCHR, 0, dir_fd=self._tree.descriptor(directory))
        elif stat.S_ISDIR(status.st_mode):
            self._hide_contents(path)

    def _hide_contents(self, directory: bytes) -> None:
        descriptor = self._ensure(directory)
        if self._form is TreeForm.OVERLAY:
            os.setxattr(descriptor, opaque_attribute(), b"y")
            self._tree.hide_below(directory)
            self._remove_marks(directory)
        else:
            self._note_time(directory)
            self._remove_lower_children(directory)

    def _remove_marks(self, directory: bytes) -> None:
        """Remove the whiteouts in a directory that has just become opaque: they have nothing to hide any more."""
        for name in os.listdir(self._tree.descriptor(directory)):
            child = _join(directory, os.fsencode(name))
            status = self._tree.status(child)
            if status is not None and self._is_mark(status):
                self._remove(child, status)
            elif status is not None and stat.S_ISDIR(status.st_mode):
                self._remove_marks(child)

    def _remove_lower(self, path: bytes, status: os.stat_result) -> None:
        """Remove what this layer did not make at and below a path."""
        if stat.S_ISDIR(status.st_mode):
            self._remove_lower_children(path)
            if path in self._made or os.listdir(self._tree.descriptor(path)):
                return
        elif path in self._made:
            return
        self._remove(path, status)

    def _remove_lower_children(self, directory: bytes) -> None:
        for name in os.listdir(self._tree.descriptor(directory)):
            child = _join(directory, os.fsencode(name))
            status = self._tree.status(child)
            if status is not None:
                self._remove_lower(child, status)

    def _remove(self, path: bytes, status: os.stat_result) -> None:
        directory, _, name = path.rpartition(b"/")
        parent = self._tree.descriptor(directory)
        if stat.S_ISDIR(status.st_mode):
            remove_directory(parent, name)
            self._tree.forget()
        else:
            os.unlink(name, dir_fd=parent)
            self._tree.forget_links()

    # Hard links

    def _link_source(self, entry: Entry, path: bytes) -> bytes:
        """The canonical path of the file that a hard link names, brought up from a lower layer if it is there."""
        directory, name = self._tree.locate(entry.link)
        source = _join(directory, name)
        status = self._tree.status(source)
        if name and status is not None and not stat.S_ISDIR(status.st_mode) and not is_whiteout(status):
            return source
        lower = self._tree.below(source) if name and status is None else None
        if lower is None or stat.S_ISDIR(os.lstat(lower).st_mode):
            raise InputError(f"layer: {printable(entry.path)}: no file {printable(entry.link)} to link to")
        self._copy_up(lower, source)
        return source

    def _link(self, source: bytes, path: bytes) -> None:
        directory, _, name = path.rpartition(b"/")
        source_directory, _, source_name = source.rpartition(b"/")
        # Opening the second directory may close the first.
        parent = os.dup(self._tree.descriptor(directory))
        try:
            source_parent = self._tree.descriptor(source_directory)
            os.link(source_name, name, src_dir_fd=source_parent, dst_dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(parent)
        self._tree.forget_links()

    def _copy_up(self, lower: bytes, path: bytes) -> None:
        """Copy a file of a lower layer into this one, so that it can get another name."""
        directory, _, name = path.rpartition(b"/")
        self._ensure(directory)
        self._note_time(directory)
        parent = self._tree.descriptor(directory)
        entry = entry_of(lower, path)
        if entry.kind is Kind.FILE:
            with open(lower, "rb") as data:
                write_file(parent, name, entry, data)
        elif entry.kind is Kind.SYMLINK:
            make_node(parent, name, entry)
        else:
            raise InputError(f"layer: {printable(path)}: a device of a lower layer cannot get another name")


def _join(directory: bytes, name: bytes) -> bytes:
    return directory + b"/" + name if directory else name
