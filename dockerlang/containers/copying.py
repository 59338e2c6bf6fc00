"""`cp`: files between a container and the host, or a tar archive in a stream, by docker's rules for names."""

from __future__ import annotations

import os
import posixpath
import stat
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import BinaryIO

from dockerlang.containers.files import Member, add_member, member_of, members_below, root_of
from dockerlang.containers.processes import main_process
from dockerlang.containers.settings import MountKind, read_settings
from dockerlang.containers.trees import find_in_trees, merged, resolve
from dockerlang.errors import InputError, NotFoundError
from dockerlang.oci.compression import open_decompressed
from dockerlang.oci.layer.whiteouts import PREFIX
from dockerlang.oci.tar import Kind, Readable, TarWriter, printable, read_entries
from dockerlang.oci.tar.writer import Writable
from dockerlang.records import record, replace
from dockerlang.runtime.layer_trees import MergedEntry
from dockerlang.store.operation import Operation
from dockerlang.store.records import Container, ContainerState
from dockerlang.store.unpack import TreeForm, apply_layer


@record
class Place:
    """Where a path of a container really is: the path inside some trees, and how to write there."""

    path: bytes
    trees: tuple[Path, ...]
    target: Path
    form: TreeForm


@record
class CopyOptions:
    """`keeps_owners` as with `-a`; `follows_link` where the source is a symbolic link, as with `-L`."""

    keeps_owners: bool = False
    follows_link: bool = False


def copy_out(operation: Operation, container: Container, source: str, text: str, options: CopyOptions) -> None:
    """Copy a file or directory of the container to the host, to `text` as the user wrote it.

    Raises NotFoundError and InputError.
    """
    destination = Path(text)
    entry = _source(operation, container, source, options)
    is_directory = entry.directory is not None
    takes_content = is_directory and _means_content(source)
    parent, name = destination, posixpath.basename(posixpath.normpath("/" + source))
    if destination.is_dir():
        if takes_content:
            name = ""
    elif destination.exists():
        if is_directory:
            raise InputError(f"cannot copy a directory to {destination}, which is a file")
        parent, name = destination.parent, destination.name
    else:
        if text.endswith("/") and not is_directory:
            raise NotFoundError(f"destination directory {destination} must exist")
        parent, name = destination.parent, destination.name
    if not parent.is_dir():
        raise NotFoundError(f"no such directory: {parent}")
    members = _owned(_members(entry, os.fsencode(name)), os.geteuid(), os.getegid(), options)
    _apply(members, parent, TreeForm.FLAT)


def copy_out_archive(
    operation: Operation, container: Container, source: str, stream: Writable, options: CopyOptions
) -> None:
    """Write a file or directory of the container as a tar archive, under its own name, or `.` for its content."""
    entry = _source(operation, container, source, options)
    name = b"." if _means_content(source) else os.fsencode(posixpath.basename(posixpath.normpath("/" + source)) or ".")
    writer = TarWriter(stream)
    for member in _members(entry, name):
        add_member(writer, member)
    writer.close()


def copy_in(
    operation: Operation, container: Container, source: Path, text: str, destination: str, options: CopyOptions
) -> None:
    """Copy a file or directory of the host into the container; `text` is the source as the user wrote it.

    Raises NotFoundError and InputError.
    """
    try:
        status = os.stat(source) if options.follows_link or text.endswith("/") else os.lstat(source)
    except OSError as error:
        raise NotFoundError(f"cannot copy {text}: {error.strerror}") from None
    is_directory = stat.S_ISDIR(status.st_mode)
    place = _place(operation, container, destination)
    existing = find_in_trees(place.path, place.trees)
    path = resolve(place.path, place.trees)
    if (existing is not None and existing.directory is not None) or not path:
        if not (is_directory and _means_content(text)):
            path = _join(path, os.fsencode(source.absolute().name))
    elif existing is not None:
        if is_directory:
            raise InputError(f"cannot copy a directory to {destination}, which is a file")
    else:
        if destination.endswith("/") and not is_directory:
            raise NotFoundError(f"destination directory {destination} must exist in the container")
        _require_directory(place, path, destination)
    real = os.path.realpath(source) if options.follows_link else os.fspath(source.absolute())
    _apply(_owned(_host_members(os.fsencode(real), path), 0, 0, options), place.target, place.form, place.trees)


def copy_in_archive(
    operation: Operation, container: Container, stream: Readable, destination: str, options: CopyOptions
) -> None:
    """Unpack a tar archive, compressed or not, in a directory of the container. Raises NotFoundError and InputError."""
    place = _place(operation, container, destination)
    existing = find_in_trees(place.path, place.trees)
    if place.path.strip(b"/") and (existing is None or existing.directory is None):
        raise NotFoundError(f"no such directory in the container: {destination}")
    path = resolve(place.path, place.trees)
    with tempfile.TemporaryFile() as file:
        writer = TarWriter(file)
        with open_decompressed(stream) as plain:
            for entry, data, _ in read_entries(plain):
                name = _join(path, posixpath.normpath(b"/" + entry.path).lstrip(b"/"))
                link = _join(path, entry.link.lstrip(b"/")) if entry.kind is Kind.HARDLINK else entry.link
                _refuse_whiteout(name)
                if name:
                    uid, gid = (entry.uid, entry.gid) if options.keeps_owners else (0, 0)
                    writer.add(replace(entry, path=name, link=link, uid=uid, gid=gid), data)
        writer.close()
        file.seek(0)
        _unpack(file, place.target, place.form, place.trees)


def _source(operation: Operation, container: Container, source: str, options: CopyOptions) -> MergedEntry:
    place = _place(operation, container, source)
    follows = options.follows_link or source.endswith(("/", "/."))
    entry = find_in_trees(place.path, place.trees, follow_last=follows)
    if entry is None and not place.path.strip(b"/"):
        top = os.fsencode(place.trees[-1])
        entry = MergedEntry(top, os.stat(top), merged(place.trees))
    if entry is None:
        raise NotFoundError(f"Could not find the file {source} in container {container.name}")
    return entry


def _place(operation: Operation, container: Container, path: str) -> Place:
    """Where a path of a container is: in what it mounts there, else in its root."""
    normal = posixpath.normpath("/" + path).lstrip("/")
    settings = read_settings(container)
    mounts = [mount for mount in settings.mounts if mount.kind is not MountKind.TMPFS] if settings else []
    for mount in sorted(mounts, key=lambda mount: len(mount.target), reverse=True):
        target = mount.target.strip("/")
        source = Path(mount.source)
        if normal == target or normal.startswith(f"{target}/"):
            if source.is_dir():
                return Place(os.fsencode(normal[len(target) :].lstrip("/")), (source,), source, TreeForm.FLAT)
            return Place(os.fsencode(source.name), (source.parent,), source.parent, TreeForm.FLAT)
    root = root_of(operation, container)
    trees = (*root.lowers, root.upper)
    if container.state is ContainerState.RUNNING:
        # Nobody may write to an upper directory while it is mounted: the way in is the process's own root.
        live = Path(f"/proc/{main_process(operation.store, container)}/root")
        return Place(os.fsencode(normal), trees, live, TreeForm.FLAT)
    return Place(os.fsencode(normal), trees, root.upper, TreeForm.OVERLAY)


def _require_directory(place: Place, path: bytes, destination: str) -> None:
    parent = path.rpartition(b"/")[0]
    entry = find_in_trees(parent, place.trees)
    if parent and (entry is None or entry.directory is None):
        raise NotFoundError(f"no such directory in the container: {posixpath.dirname(destination) or '/'}")


def _members(entry: MergedEntry, name: bytes) -> Iterator[Member]:
    """A file, or a directory with all below it; an empty name leaves out the directory itself."""
    names: dict[tuple[int, int], bytes] = {}
    if name:
        yield member_of(entry, name, names)
    if entry.directory is not None:
        yield from members_below(entry.directory, name, names)


def _host_members(source: bytes, path: bytes) -> Iterator[Member]:
    status = os.lstat(source)
    directory = merged((Path(os.fsdecode(source)),)) if stat.S_ISDIR(status.st_mode) else None
    yield from _members(MergedEntry(source, status, directory), path)


def _owned(members: Iterator[Member], uid: int, gid: int, options: CopyOptions) -> Iterator[Member]:
    for entry, open_data in members:
        yield (entry if options.keeps_owners else replace(entry, uid=uid, gid=gid)), open_data


def _apply(members: Iterator[Member], target: Path, form: TreeForm, trees: tuple[Path, ...] = ()) -> None:
    with tempfile.TemporaryFile() as file:
        writer = TarWriter(file)
        for member in members:
            _refuse_whiteout(member[0].path)
            add_member(writer, member)
        writer.close()
        file.seek(0)
        _unpack(file, target, form, trees)


def _unpack(file: BinaryIO, target: Path, form: TreeForm, trees: tuple[Path, ...]) -> None:
    # A process's root in /proc is a link that only the kernel can follow; from inside it is an ordinary directory.
    try:
        with chdir(target):
            apply_layer(file, Path(), form, trees[:-1] if form is TreeForm.OVERLAY else ())
    except OSError as error:
        raise InputError(f"cannot write to {target}: {error.strerror}") from None


def _refuse_whiteout(path: bytes) -> None:
    if path.rpartition(b"/")[2].startswith(PREFIX):
        raise InputError(f"{printable(path)}: names that begin with .wh. are reserved by the image format")


def _means_content(text: str) -> bool:
    return text == "." or text.endswith("/.")


def _join(directory: bytes, name: bytes) -> bytes:
    return directory + b"/" + name if directory and name else directory or name
