"""Mounting a stack of layer trees as one directory, and how overlayfs marks deletions in a tree."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from dockerlang.runtime import kernel

# The kernel numbers it so at every start (PROC_USER_INIT_INO).
_FIRST_USER_NAMESPACE = "user:[4026531837]"

UNSUPPORTED = frozenset(
    {errno.EINVAL, errno.ENODEV, errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.ESTALE, errno.EXDEV}
)
"""What the kernel answers where this filesystem, kernel or namespace has no overlay mounts; copying is left then."""


def in_user_namespace() -> bool:
    """Whether this process lives in any user namespace but the first, where overlayfs keeps its marks elsewhere."""
    return os.readlink("/proc/self/ns/user") != _FIRST_USER_NAMESPACE


def attribute_prefix() -> str:
    """The prefix of overlayfs' own extended attributes in trees that this process reads and writes."""
    return "user.overlay." if in_user_namespace() else "trusted.overlay."


def mount_overlay(
    lowers: tuple[Path, ...],
    target: Path | str,
    *,
    upper: Path | None = None,
    work: Path | None = None,
    is_volatile: bool = False,
) -> None:
    """Mount `lowers` (lowest first, at least one) at `target`, writable where there are `upper` and `work`.

    Without them it takes two lowers at least. With `is_volatile` nothing is ever synced. The working directory
    changes. Raises OSError.
    """
    descriptors = [os.open(lower, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY) for lower in reversed(lowers)]
    # The kernel takes a page of options at most, and gives ':' and ',' in paths a meaning. Numbers in /proc/self/fd
    # are short and free of both, so that hundreds of layers fit.
    options = [f"lowerdir={':'.join(map(str, descriptors))}"]
    if upper is not None and work is not None:
        for name, path in (("upperdir", upper), ("workdir", work)):
            descriptors.append(os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY))
            options.append(f"{name}={descriptors[-1]}")
    # Any of the first three features would make the upper directory say less than it must.
    options += ["metacopy=off", "index=off", "redirect_dir=nofollow"]
    if in_user_namespace():
        options.append("userxattr")
    os.chdir("/proc/self/fd")
    try:
        if not (is_volatile and _is_mounted(target, [*options, "volatile"])):
            kernel.mount("overlay", target, "overlay", 0, ",".join(options))
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def is_whiteout(path: bytes, status: os.stat_result, prefix: str) -> bool:
    """Whether the entry of a tree at `path` stands for a deleted name: a device 0:0, or an empty file so marked."""
    if stat.S_ISCHR(status.st_mode):
        return status.st_rdev == 0
    return stat.S_ISREG(status.st_mode) and status.st_size == 0 and _has_attribute(path, f"{prefix}whiteout")


def is_opaque(path: bytes, prefix: str) -> bool:
    """Whether the directory of a tree at `path` hides the same directory of the trees below."""
    try:
        return os.getxattr(path, f"{prefix}opaque", follow_symlinks=False) == b"y"
    except OSError:
        return False


def _is_mounted(target: Path | str, options: list[str]) -> bool:
    """Mount with options of which the kernel may not know the last; False if it does not take them."""
    try:
        kernel.mount("overlay", target, "overlay", 0, ",".join(options))
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return False
    return True


def _has_attribute(path: bytes, name: str) -> bool:
    try:
        os.getxattr(path, name, follow_symlinks=False)
    except OSError:
        return False
    return True
