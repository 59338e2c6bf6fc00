"""Giving files the owners and attributes that a layer asks for, as far as this process may.

In a user namespace only mapped IDs can be given, devices cannot be made and some attributes are the kernel's alone.
Where the namespace maps a single ID everything belongs to it: the layer's tar keeps the true owners.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from functools import cache

from dockerlang.errors import StoreError

_WHOLE_RANGE = 2**32 - 1
_NOT_SUPPORTED = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP})


def give(target: int | bytes, uid: int, gid: int, *, dir_fd: int | None = None) -> None:
    """Change the owner of an open file, or of the file `target` in `dir_fd`, not following a link.

    Raises `StoreError` where the ID has no place in our user namespace.
    """
    try:
        os.chown(target, uid, gid, dir_fd=dir_fd, follow_symlinks=isinstance(target, int))
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EPERM) or not is_user_namespace():
            raise
        if _is_single_id():
            return
        raise StoreError(
            f"user {uid} and group {gid} have no place in this user namespace",
            hint="give your user a larger range in /etc/subuid and /etc/subgid: 65536 IDs serve nearly every image",
        ) from error


def set_attributes(target: int | bytes, attributes: Mapping[bytes, bytes]) -> None:
    """Set extended attributes, leaving out those that describe a mount or a host rather than the image."""
    for name, value in attributes.items():
        if not is_portable(name):
            continue
        try:
            # A path is never followed at its end; an open file has no end to follow.
            os.setxattr(target, name, value, follow_symlinks=isinstance(target, int))
        except OSError as error:
            is_refused = error.errno == errno.EPERM and (is_user_namespace() or not name.startswith(b"security."))
            if error.errno not in _NOT_SUPPORTED and not is_refused:
                raise


def is_portable(name: bytes) -> bool:
    """Whether an extended attribute belongs to the image: overlay's own and the host's labels do not."""
    return not name.startswith((b"trusted.overlay.", b"user.overlay.")) and name != b"security.selinux"


@cache
def is_user_namespace() -> bool:
    """Whether this process runs in a user namespace other than the machine's, which may have the same ids."""
    try:
        # The kernel numbers the first one so at every start (PROC_USER_INIT_INO).
        return os.readlink("/proc/self/ns/user") != "user:[4026531837]"
    except OSError:
        return False


def opaque_attribute() -> bytes:
    """The attribute by which overlay, mounted by this process, knows an opaque directory."""
    return b"user.overlay.opaque" if is_user_namespace() else b"trusted.overlay.opaque"


def _is_single_id() -> bool:
    return sum(length for _, _, length in _map("uid_map")) == 1


def _map(name: str) -> list[tuple[int, int, int]]:
    try:
        with open(f"/proc/self/{name}", encoding="ascii") as file:
            rows = [tuple(int(word) for word in line.split()) for line in file]
    except OSError:
        return [(0, 0, _WHOLE_RANGE)]
    return [(inside, outside, length) for inside, outside, length in rows]
