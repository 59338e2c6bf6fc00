"""The fallback where overlays cannot be mounted: a whole copy of the root, and afterwards what differs from the layers.

The differences are moved into the root's `upper` in overlay form, so that nothing after it needs to know how the step
was run.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from dockerlang.records import record
from dockerlang.runtime.layer_trees import MergedDirectory, MergedEntry, attributes_of, is_same
from dockerlang.runtime.overlay import attribute_prefix
from dockerlang.runtime.root import Root
from dockerlang.runtime.scratch import remove_tree


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
        upper = self._root.upper
        for path in upper.iterdir():
            remove_tree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        root = _Pair(os.fsencode(self.directory), os.fsencode(upper), os.stat(self.directory))
        pending = [(root, MergedDirectory.of(self._root.lowers, attribute_prefix()))]
        pairs = [root]
        while pending:
            for inner in self._fold_directory(*pending.pop()):
                pending.append(inner)
                pairs.append(inner[0])
        # Inner ones first: to move something out of a directory, or into it, changes its time.
        for pair in reversed(pairs):
            if os.path.lexists(pair.target):
                copy_attributes(pair.source, pair.target, pair.status)
        remove_tree(self.directory)

    def _fold_directory(self, pair: _Pair, lower: MergedDirectory) -> Iterator[tuple[_Pair, MergedDirectory]]:
        """Move the differences in one directory; gives those inner ones that are still to be compared."""
        present = os.listdir(pair.source)
        for name in present:
            path, target = pair.source + b"/" + name, pair.target + b"/" + name
            status = os.lstat(path)
            before = lower.find(name)
            if before is not None and before.directory is not None and stat.S_ISDIR(status.st_mode):
                if not is_same(before, path, status):
                    os.makedirs(target, exist_ok=True)
                yield _Pair(path, target, status), before.directory
            elif before is None or self._copier.copied.get(path) != _fingerprint(status):
                os.makedirs(pair.target, exist_ok=True)
                os.rename(path, target)
        for name in set(lower.names()).difference(present):
            os.makedirs(pair.target, exist_ok=True)
            os.mknod(pair.target + b"/" + name, stat.S_IFCHR, os.makedev(0, 0))


@record
class _Pair:
    """A directory of the copy, the one in `upper` that it becomes if need be, and its status before the moving."""

    source: bytes
    target: bytes
    status: os.stat_result


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
