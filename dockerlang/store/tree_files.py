"""Single files of an unpacked tree: made as a tar entry says, read back as one, removed.

The order of attributes matters: changing the owner clears set-uid bits and capabilities, so it comes right after
the data; the time comes last, because everything else changes it.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from dockerlang.errors import InputError
from dockerlang.oci.tar import Entry, Kind, Readable, printable
from dockerlang.store.ownership import give, is_portable, is_user_namespace, set_attributes

_CHUNK = 1 << 20
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DEVICES = {Kind.CHARACTER_DEVICE: stat.S_IFCHR, Kind.BLOCK_DEVICE: stat.S_IFBLK}


def copy_directory_attributes(source: bytes, descriptor: int) -> int:
    """Give an open directory the owner, mode and attributes of another; returns that one's time, for later."""
    entry = entry_of(source, b"")
    give(descriptor, entry.uid, entry.gid)
    os.fchmod(descriptor, entry.mode)
    set_attributes(descriptor, entry.xattrs)
    return entry.mtime_ns


def entry_of(file: bytes, path: bytes) -> Entry:
    """What a tar entry at `path` would say about an existing file, directory or symbolic link."""
    status = os.lstat(file)
    kind = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.DIRECTORY, stat.S_IFLNK: Kind.SYMLINK}.get(
        stat.S_IFMT(status.st_mode), Kind.FIFO
    )
    names = [os.fsencode(name) for name in os.listxattr(file, follow_symlinks=False)]
    return Entry(
        path=path,
        kind=kind,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        size=status.st_size if kind is Kind.FILE else 0,
        mtime_ns=status.st_mtime_ns,
        link=os.readlink(file) if kind is Kind.SYMLINK else b"",
        xattrs={name: os.getxattr(file, name, follow_symlinks=False) for name in names if is_portable(name)},
    )


def write_file(parent: int, name: bytes, entry: Entry, data: Readable) -> None:
    """Make a regular file in the open directory `parent`; there must be nothing of that name."""
    descriptor = os.open(name, _CREATE, 0o600, dir_fd=parent)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        while chunk := data.read(_CHUNK):
            file.write(chunk)
        give(descriptor, entry.uid, entry.gid)
        os.fchmod(descriptor, entry.mode)
        set_attributes(descriptor, entry.xattrs)
        os.utime(descriptor, ns=(entry.mtime_ns, entry.mtime_ns))


def make_node(parent: int, name: bytes, entry: Entry) -> None:
    """Make what has no data of its own: a symbolic link, a fifo, a device."""
    match entry.kind:
        case Kind.SYMLINK:
            os.symlink(entry.link, name, dir_fd=parent)
        case Kind.FIFO:
            os.mkfifo(name, 0o600, dir_fd=parent)
        case _:
            if (entry.dev_major, entry.dev_minor) == (0, 0):
                raise InputError(f"layer: {printable(entry.path)}: a device 0:0 is overlay's whiteout, not a file")
            if is_user_namespace():
                # The kernel makes no devices there. Other engines leave them out, too: a container has its own /dev.
                return
            device = os.makedev(entry.dev_major, entry.dev_minor)
            os.mknod(name, _DEVICES[entry.kind] | 0o600, device, dir_fd=parent)
    give(name, entry.uid, entry.gid, dir_fd=parent)
    if entry.kind is not Kind.SYMLINK:
        os.chmod(name, entry.mode, dir_fd=parent)
    if entry.xattrs:
        set_attributes(b"/proc/self/fd/%d/%s" % (parent, name), entry.xattrs)
    os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=parent, follow_symlinks=False)


def replace_attributes(descriptor: int, entry: Entry) -> None:
    """Give an open directory exactly the attributes of an entry."""
    for name in os.listxattr(descriptor):
        if is_portable(os.fsencode(name)) and os.fsencode(name) not in entry.xattrs:
            with suppress(OSError):
                os.removexattr(descriptor, name)
    set_attributes(descriptor, entry.xattrs)


def remove_directory(parent: int, name: bytes) -> None:
    """Remove a directory with all that is in it, never following a link."""
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        for child in os.listdir(descriptor):
            child_name = os.fsencode(child)
            if stat.S_ISDIR(os.stat(child_name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                remove_directory(descriptor, child_name)
            else:
                os.unlink(child_name, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    os.rmdir(name, dir_fd=parent)
