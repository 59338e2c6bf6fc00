"""The fallback where overlays cannot be mounted: a whole copy of the root, and afterwards what differs from the layers.

The differences are moved into the root's `upper` in overlay form, so that nothing after it needs to know how the step
was run.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

from dockerlang.runtime.layer_trees import MergedDirectory, MergedEntry, attributes_of, is_same
from dockerlang.runtime.overlay import attribute_prefix
from dockerlang.runtime.root import Root


def copy_merged(lowers: tuple[Path, ...], target: Path) -> None:
    """Copy what a stack of trees (lowest first) shows into the existing directory `target`. Raises OSError."""
    _Copier().copy_directory(MergedDirectory.of(lowers, attribute_prefix()), os.fsencode(target))
    if lowers:
        top = os.fsencode(lowers[-1])
        copy_attributes(top, os.fsencode(target), os.stat(top))


def copy_directory(entry: MergedEntry, target: Path) -> None:
    """Copy one directory of such a stack, with its contents and attributes, into the existing `target`."""
    assert entry.directory is not None
    _Copier().copy_directory(entry.directory, os.fsencode(target))
    copy_attributes(entry.path, os.fsencode(target), entry.status)


def copy_file(source: bytes, target: bytes, status: os.stat_result) -> None:
    """Copy a regular file with all that belongs to it; blocks are shared where the filesystem can do that."""
    with open(source, "rb") as reader, open(target, "xb") as writer:
        remaining = status.st_size
        try:
            while remaining > 0:
                copied = os.copy_file_range(reader.fileno(), writer.fileno(), remaining)
                if copied == 0:
                    break
                remaining -= copied
        except OSError as error:
            if error.errno not in {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}:
                raise
            writer.seek(0)
            reader.seek(0)
            shutil.copyfileobj(reader, writer, 1 << 20)
    copy_attributes(source, target, status)


def copy_attributes(source: bytes, target: bytes, status: os.stat_result) -> None:
    """Give `target` the owner, mode, extended attributes and time of `source`.

    In this order: a change of owner takes setuid bits and file capabilities away. An owner that does not exist in
    this user namespace cannot be given and stays away.
    """
    mine = os.lstat(target)
    if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.lchown(target, status.st_uid, status.st_gid)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EPERM}:
                raise
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target, stat.S_IMODE(status.st_mode))
    for name, value in attributes_of(source).items():
        os.setxattr(target, name, value, follow_symlinks=False)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


class CopiedRoot:
    """A root made by copying. `directory` is where the process runs; `fold` then fills the root's `upper`."""

    def __init__(self, root: Root) -> None:
        self.directory = root.work / "root"
        self._root = root
        self._copier = _Copier(os.fsencode(root.upper))

    def assemble(self) -> None:
        """Copy the layers, and what `upper` already holds. Raises OSError."""
        self.directory.mkdir(0o755)
        upper = os.fsencode(self._root.upper)
        merged = MergedDirectory.of((*self._root.lowers, self._root.upper), attribute_prefix())
        self._copier.copy_directory(merged, os.fsencode(self.directory))
        copy_attributes(upper, os.fsencode(self.directory), os.stat(upper))

    def fold(self) -> None:
        """Move what differs from the layers into `upper`, and throw the copy away. Raises OSError."""
        for name in os.listdir(self._root.upper):
            _remove(self._root.upper / name)
        source, target = os.fsencode(self.directory), os.fsencode(self._root.upper)
        status = os.stat(source)
        self._fold_directory(source, target, MergedDirectory.of(self._root.lowers, attribute_prefix()))
        copy_attributes(source, target, status)
        _remove(self.directory)

    def _fold_directory(self, source: bytes, target: bytes, lower: MergedDirectory) -> None:
        """Move the differences below `source`; `target` may not exist yet and is made when something needs it."""
        present = os.listdir(source)
        for name in present:
            path = source + b"/" + name
            status = os.lstat(path)
            before = lower.find(name)
            if before is None or (before.directory is None) == stat.S_ISDIR(status.st_mode):
                self._take(path, target + b"/" + name)
            elif before.directory is not None:
                self._fold_merged_directory(path, target + b"/" + name, before)
            elif self._copier.copied.get(path) != _fingerprint(status):
                self._take(path, target + b"/" + name)
        for name in set(lower.names()).difference(present):
            self._make_directory(target)
            os.mknod(target + b"/" + name, stat.S_IFCHR, os.makedev(0, 0))

    def _fold_merged_directory(self, source: bytes, target: bytes, before: MergedEntry) -> None:
        assert before.directory is not None
        status = os.lstat(source)
        if not is_same(before, source, status):
            self._make_directory(target)
        self._fold_directory(source, target, before.directory)
        if os.path.lexists(target):
            copy_attributes(source, target, status)

    def _take(self, source: bytes, target: bytes) -> None:
        directory = os.path.dirname(target)
        self._make_directory(directory)
        os.rename(source, target)

    def _make_directory(self, target: bytes) -> None:
        if os.path.lexists(target):
            return
        self._make_directory(os.path.dirname(target))
        os.mkdir(target)


_Fingerprint = tuple[int, ...]


def _fingerprint(status: os.stat_result) -> _Fingerprint:
    """What cannot stay the same when a file is written to, linked, or given other attributes."""
    return (
        status.st_ino,
        status.st_mode,
        status.st_uid,
        status.st_gid,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


class _Copier:
    """Copies directories, keeps hard links together, and remembers what each copied file looked like afterwards.

    Files from below `forgotten` are copied but not remembered.
    """

    def __init__(self, forgotten: bytes | None = None) -> None:
        self.copied: dict[bytes, _Fingerprint] = {}
        self._forgotten = None if forgotten is None else forgotten + b"/"
        self._links: dict[tuple[int, int], bytes] = {}

    def copy_directory(self, merged: MergedDirectory, target: bytes) -> None:
        pending = [(merged, target)]
        finished: list[tuple[MergedEntry, bytes]] = []
        linked: list[bytes] = []
        while pending:
            directory, path = pending.pop()
            for name in directory.names():
                entry = directory.find(name)
                assert entry is not None
                copy = path + b"/" + name
                if entry.directory is not None:
                    os.mkdir(copy)
                    finished.append((entry, copy))
                    pending.append((entry.directory, copy))
                elif self._copy_entry(entry, copy):
                    linked.append(copy)
        # Only now are no more links made and no more names added, which would change times.
        for path in linked:
            self._remember(path)
        for entry, path in reversed(finished):
            copy_attributes(entry.path, path, entry.status)

    def _copy_entry(self, entry: MergedEntry, target: bytes) -> bool:
        """Copy what is not a directory; whether it is to be remembered."""
        status = entry.status
        identity = (status.st_dev, status.st_ino)
        first = self._links.get(identity)
        if first is not None:
            os.link(first, target, follow_symlinks=False)
        elif stat.S_ISREG(status.st_mode):
            copy_file(entry.path, target, status)
        elif stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(entry.path), target)
            copy_attributes(entry.path, target, status)
        elif stat.S_ISSOCK(status.st_mode):
            return False
        else:
            os.mknod(target, status.st_mode, status.st_rdev)
            copy_attributes(entry.path, target, status)
        if status.st_nlink > 1:
            self._links.setdefault(identity, target)
        return self._forgotten is None or not entry.path.startswith(self._forgotten)

    def _remember(self, path: bytes) -> None:
        self.copied[path] = _fingerprint(os.lstat(path))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
