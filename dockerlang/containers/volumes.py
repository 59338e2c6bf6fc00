"""Attaches volumes to a container: finds or makes them, and fills a new one with what the image has at its place."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from dockerlang.containers.options import ContainerOptions, VolumeMount
from dockerlang.containers.settings import MountKind, MountRecord, read_settings
from dockerlang.containers.trees import find_in_trees
from dockerlang.errors import NotFoundError, UsageError
from dockerlang.records import replace
from dockerlang.runtime.copying import copy_directory
from dockerlang.runtime.process import Access, Bind, Mount, Tmpfs
from dockerlang.store.reading import StoreReader
from dockerlang.store.volumes import Volume, find_volume, make_volume, remove_volume


def attach_mounts(
    store: StoreReader, image_volumes: Iterable[str], options: ContainerOptions, lowers: tuple[Path, ...]
) -> tuple[MountRecord, ...]:
    """Everything that a container mounts, volumes made and filled; hold the lock of volumes.

    Of two mounts with one target the user's own counts before another container's, and both before the image's.
    Raises NotFoundError for a container that is not there.
    """
    records: dict[str, MountRecord] = {}
    wanted = [VolumeMount(target) for target in image_volumes]
    borrowed = [record for text in options.volumes_from for record in _mounts_of(store, text)]
    taken = {posixpath.normpath(mount.target) for mount in (*options.mounts, *borrowed)}
    for mount in (*(volume for volume in wanted if posixpath.normpath(volume.target) not in taken), *options.mounts):
        target = posixpath.normpath(mount.target)
        match mount:
            case VolumeMount():
                volume = make_volume(store.layout, mount.name)
                if mount.copies_content:
                    _fill(volume, target, lowers)
                records[target] = MountRecord(
                    MountKind.VOLUME,
                    target,
                    volume.name,
                    str(volume.data),
                    mount.access is Access.WRITE,
                    volume.is_anonymous,
                )
            case Bind():
                # As docker does, for who mounts a directory that is yet to be filled.
                if not mount.source.exists():
                    mount.source.mkdir(parents=True)
                records[target] = MountRecord(
                    MountKind.BIND, target, "", str(mount.source), mount.access is Access.WRITE
                )
            case Tmpfs():
                records[target] = MountRecord(MountKind.TMPFS, target)
    return (*(record for record in borrowed if record.target not in records), *records.values())


def runtime_mounts(records: Sequence[MountRecord], options: ContainerOptions) -> tuple[Mount, ...]:
    """The mounts as the runtime takes them."""
    tmpfs = {posixpath.normpath(mount.target): mount for mount in options.mounts if isinstance(mount, Tmpfs)}
    return tuple(
        tmpfs.get(record.target, Tmpfs(record.target))
        if record.kind is MountKind.TMPFS
        else Bind(record.target, Path(record.source), Access.WRITE if record.is_writable else Access.READ_ONLY)
        for record in records
    )


def users_of_volumes(store: StoreReader) -> dict[str, list[str]]:
    """The IDs of the containers that mount each volume, whether they run or not."""
    users: dict[str, list[str]] = {}
    for container in store.containers():
        settings = read_settings(container)
        for mount in settings.mounts if settings is not None else ():
            if mount.kind is MountKind.VOLUME:
                users.setdefault(mount.name, []).append(container.id)
    return users


def remove_anonymous_volumes(store: StoreReader, mounts: Iterable[MountRecord]) -> None:
    """Remove those of a removed container's volumes that nobody named and no other container mounts; hold the lock."""
    users = users_of_volumes(store)
    for mount in mounts:
        volume = find_volume(store.layout, mount.name) if mount.is_anonymous and mount.name not in users else None
        if volume is not None:
            remove_volume(store.layout, volume)


def _mounts_of(store: StoreReader, text: str) -> list[MountRecord]:
    """What `--volumes-from` says: the mounts of another container, all read-only with `:ro`."""
    name, _, mode = text.partition(":")
    if mode not in ("", "ro", "rw"):
        raise UsageError(f"invalid mode '{mode}' in --volumes-from {text}", hint="it is ro or rw")
    container = store.find_container(name)
    settings = read_settings(container) if container is not None else None
    if settings is None:
        raise NotFoundError(f"No such container: {name}", hint="`dockerlang ps -a` lists them")
    return [
        replace(mount, is_writable=mount.is_writable and mode != "ro")
        for mount in settings.mounts
        if mount.kind is not MountKind.TMPFS
    ]


def _fill(volume: Volume, target: str, lowers: tuple[Path, ...]) -> None:
    """Give an empty volume the files, owner and mode that the layers have at its place."""
    if os.listdir(volume.data):
        return
    entry = find_in_trees(target.encode("utf-8", "surrogateescape"), lowers)
    if entry is not None and entry.directory is not None:
        copy_directory(entry, volume.data)
