"""What a process sees of control groups: its own ones below /sys/fs/cgroup, read-only, as under docker."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from dockerlang.records import record
from dockerlang.runtime import kernel
from dockerlang.runtime.hierarchies import Hierarchy, mounted_hierarchies, own_directory, own_groups
from dockerlang.runtime.in_root import InRoot, by_descriptor
from dockerlang.runtime.kernel import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID
from dockerlang.runtime.overlay import in_user_namespace

_PLACE = "/sys/fs/cgroup"
_CLOSED = MS_NOSUID | MS_NODEV | MS_NOEXEC
_REFUSED = frozenset({errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOENT, errno.ENODEV, errno.EBUSY})


@record
class VisibleGroup:
    """A directory to be seen at `name` (empty for /sys/fs/cgroup itself), also under the names of its `controllers`."""

    name: str
    source: Path
    controllers: tuple[str, ...] = ()


def visible_groups(*, shares_namespace: bool, shows_top: bool) -> tuple[VisibleGroup, ...]:
    """The groups of this process that its container may see; to be asked before a new namespace renames them.

    The machine's top group is none of them (unless `shows_top`): below it are all others, which are nobody's business
    in there. A process that shares the host's namespace sees what version 2 shows the host.
    """
    hierarchies, groups = mounted_hierarchies(), own_groups()
    first = [hierarchy for hierarchy in hierarchies if not hierarchy.is_unified]
    if not first:
        return tuple(_unified(hierarchies, groups, shares_namespace=shares_namespace, shows_top=shows_top))
    found = []
    for hierarchy in first:
        directory = own_directory(hierarchy, groups)
        if directory is not None and (shows_top or not _is_top(directory)):
            links = (name for name in sorted(hierarchy.controllers) if "=" not in name and name != hierarchy.mount.name)
            found.append(VisibleGroup(hierarchy.mount.name, directory, tuple(links)))
    return tuple(found)


def mount_groups(root: InRoot, groups: tuple[VisibleGroup, ...], *, is_read_only: bool) -> None:
    """Mount the groups in the root, whose /sys is mounted. Where the kernel refuses, the place stays as it is.

    In a user namespace /sys may be the host's, whose groups are covered even if there are none to be seen instead.
    """
    if not groups and not in_user_namespace():
        return
    try:
        with root.place(_PLACE) as place:
            if groups and not groups[0].name:
                kernel.mount(groups[0].source, place, "", MS_BIND)
            else:
                kernel.mount("tmpfs", place, "tmpfs", _CLOSED, "mode=755")
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        return
    with root.open(_PLACE) as descriptor:
        for group in groups:
            if group.name:
                _bind(descriptor, group)
        _close(descriptor, is_read_only=is_read_only)


def _unified(
    hierarchies: tuple[Hierarchy, ...],
    groups: dict[frozenset[str], str],
    *,
    shares_namespace: bool,
    shows_top: bool,
) -> Iterator[VisibleGroup]:
    for hierarchy in hierarchies[:1]:
        directory = hierarchy.mount if shares_namespace else own_directory(hierarchy, groups)
        if directory is not None and (shares_namespace or shows_top or not _is_top(directory)):
            yield VisibleGroup("", directory)


def _is_top(directory: Path) -> bool:
    """Whether a group is the top of a hierarchy, of which the kernel gives only that one these files, or not."""
    return (directory / "release_agent").exists() or not (
        (directory / "cgroup.events").exists() or (directory / "notify_on_release").exists()
    )


def _bind(directory: int, group: VisibleGroup) -> None:
    os.mkdir(group.name, 0o555, dir_fd=directory)
    for link in group.controllers:
        os.symlink(group.name, link, dir_fd=directory)
    target = os.open(group.name, os.O_PATH | os.O_CLOEXEC, dir_fd=directory)
    try:
        kernel.mount(group.source, by_descriptor(target), "", MS_BIND)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
    finally:
        os.close(target)


def _close(descriptor: int, *, is_read_only: bool) -> None:
    """Let nothing be changed through these mounts; without that they had better not be there."""
    try:
        kernel.restrict_mounts(descriptor, is_read_only=is_read_only)
    except OSError as error:
        if error.errno not in {errno.ENOSYS, *_REFUSED}:
            raise
        kernel.unmount(by_descriptor(descriptor), kernel.MNT_DETACH)
