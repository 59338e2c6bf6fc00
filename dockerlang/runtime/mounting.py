"""Puts a process's own mounts into its root: binds, layers of other images, memory, and files that only it sees."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import assert_never

from dockerlang.errors import UsageError
from dockerlang.runtime import copying, kernel
from dockerlang.runtime.filesystems import forbid_devices, is_plain_device, make_read_only
from dockerlang.runtime.in_root import InRoot, Wanted, by_descriptor
from dockerlang.runtime.kernel import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_REC
from dockerlang.runtime.overlay import UNSUPPORTED, mount_overlay
from dockerlang.runtime.process import Access, Bind, File, LayersBind, Mount, Tmpfs


def in_order(mounts: Iterable[Mount]) -> tuple[Mount, ...]:
    """The mounts as they have to be made: one for each target (the last given), outer before inner.

    Raises UsageError for a target that is relative or the root itself.
    """
    by_target: dict[str, Mount] = {}
    for mount in mounts:
        target = posixpath.normpath(mount.target)
        if not target.startswith("/"):
            raise UsageError(f"mount target '{mount.target}' is not an absolute path")
        if not target.strip("/"):
            raise UsageError(f"invalid mount target '{mount.target}': a mount would hide the whole root")
        if isinstance(mount, LayersBind) and mount.access is Access.WRITE:
            raise UsageError(f"layers mounted at '{mount.target}' cannot keep what is written to them")
        # Taken out first, so that the later one also has the later place.
        by_target.pop(target, None)
        by_target[target] = mount
    return tuple(sorted(by_target.values(), key=lambda mount: posixpath.normpath(mount.target).count("/")))


class Mounter:
    """Makes the mounts of one process; `scratch` takes what is written to sources that must not change.

    Files in memory are collected in a tmpfs under the root's /dev, where the container's own /dev will cover it.
    """

    def __init__(self, root: InRoot, scratch: Path, *, forbids_devices: bool) -> None:
        self._root = root
        self._scratch = scratch
        self._forbids_devices = forbids_devices
        self._memory: int | None = None
        self._count = 0

    def prepare_memory(self) -> None:
        """Mount the place for files in memory; to be called before /dev is mounted, if there are such files."""
        with self._root.place("/dev", Wanted.DIRECTORY) as place:
            # Programs may be executed from it: a script in a heredoc is such a file.
            kernel.mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700")
        with self._root.open("/dev") as descriptor:
            self._memory = os.open(by_descriptor(descriptor), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def mount(self, mount: Mount) -> None:
        """Make one mount. Raises OSError."""
        match mount:
            case Bind():
                self._bind(mount.source, mount.target, mount.access)
            case LayersBind():
                self._bind_layers(mount)
            case Tmpfs():
                options = f"mode={mount.mode:o}" + ("" if mount.size is None else f",size={mount.size}")
                with self._root.place(mount.target, Wanted.DIRECTORY) as place:
                    closed = 0 if mount.is_executable else MS_NOEXEC
                    kernel.mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV | closed, options)
            case File():
                self._bind(self._file_in_memory(mount), mount.target, mount.access)
            case _:
                assert_never(mount)

    def _bind(self, source: Path | str, target: str, access: Access) -> None:
        is_directory = stat.S_ISDIR(os.stat(source).st_mode)
        if access is Access.DISCARD:
            source = self._writable_copy(Path(source), is_directory=is_directory)
        with self._root.place(target, Wanted.DIRECTORY if is_directory else Wanted.FILE) as place:
            kernel.mount(source, place, "", MS_BIND | (MS_REC if is_directory else 0))
        if self._forbids_devices and not is_plain_device(source):
            with self._root.open(target) as descriptor:
                forbid_devices(descriptor)
        if access is Access.READ_ONLY:
            with self._root.open(target) as descriptor:
                make_read_only(descriptor)

    def _bind_layers(self, mount: LayersBind) -> None:
        with ExitStack() as stack:
            merged: Path = mount.lowers[0] if len(mount.lowers) == 1 else self._mounted_layers(mount.lowers)
            other = os.open(merged, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, other)
            source = stack.enter_context(InRoot(other).place(mount.path))
            self._bind(source, mount.target, mount.access)

    def _mounted_layers(self, lowers: tuple[Path, ...]) -> Path:
        merged = self._new_scratch("layers")
        try:
            mount_overlay(lowers, merged)
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
            copying.copy_merged(lowers, merged)
        return merged

    def _writable_copy(self, source: Path, *, is_directory: bool) -> Path:
        """Something that reads as `source` does and may be written to."""
        if not is_directory:
            copy = self._new_scratch("file") / "content"
            copying.copy_file(os.fsencode(source), os.fsencode(copy), os.stat(source))
            return copy
        merged, upper, work = (self._new_scratch(name) for name in ("merged", "upper", "work"))
        copying.copy_attributes(os.fsencode(source), os.fsencode(upper), source.stat())
        try:
            mount_overlay((source,), merged, upper=upper, work=work, is_volatile=True)
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
            copying.copy_merged((source,), merged)
        return merged

    def _file_in_memory(self, file: File) -> str:
        if self._memory is None:
            raise OSError(errno.ENOENT, "no memory was prepared for files", file.target)
        name = str(self._count)
        self._count += 1
        descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=self._memory)
        with open(descriptor, "wb") as stream:
            stream.write(file.content)
            os.fchown(stream.fileno(), file.uid, file.gid)
            os.fchmod(stream.fileno(), file.mode)
        return f"{by_descriptor(self._memory)}/{name}"

    def _new_scratch(self, purpose: str) -> Path:
        self._count += 1
        directory = self._scratch / f"{self._count}-{purpose}"
        directory.mkdir(0o755, parents=True)
        return directory
