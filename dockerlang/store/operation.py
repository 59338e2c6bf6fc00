"""One piece of work on the store, such as a build or a load, and everything that it relies on meanwhile.

Look-up and pin are one write transaction, so nothing that an operation has found or made can be removed under it. The
pins end with the operation, or with its process: a lease is a lock that the kernel releases.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from dockerlang.errors import StoreError
from dockerlang.oci import media
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.reference import Reference
from dockerlang.records import replace
from dockerlang.store import ballast, images
from dockerlang.store.blobs import damaged, place, stage
from dockerlang.store.containers import enter_container, enter_state
from dockerlang.store.interruption import uninterrupted
from dockerlang.store.leases import Lease, take_lease
from dockerlang.store.manifests import ensure_manifest, has_name
from dockerlang.store.projection import note_change, refresh
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Container, ContainerState, Layer, Pins, StoredImage
from dockerlang.store.sweep import Swept, discard, remove_tree, restore, sweep

# Most operations neither write layers nor unpack them, and the codecs for that take as long to import as all else.
if TYPE_CHECKING:
    from dockerlang.oci.layer import LayerIndex
    from dockerlang.store.layer_sink import LayerSink


_DISK_FAILURES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


class Operation:
    """Made by `Store.operation`, used as a context manager, by as many threads as you like.

    A process that is forked inside inherits the lease's lock: it must execute another program or end with its parent.
    """

    def __init__(self, store: StoreReader, purpose: str, *, frees_space: bool = False) -> None:
        self._frees_space = frees_space
        self._store = store
        self._purpose = purpose
        self._layout = store.layout
        self._database = store.database
        self._lease: Lease | None = None
        self._scratch_numbers = count()

    def __enter__(self) -> Operation:
        try:
            with uninterrupted():
                self._begin()
        except OSError as error:
            raise self._failure(error) from error
        except BaseException:
            # An interruption that waited until all was set up finds nobody yet who would end it.
            if self._lease is not None:
                self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._end()
        except StoreError:
            # What stays behind is found by its lease's death. The first error says more than this one would.
            if kind is None:
                raise
        except OSError as failure:
            if kind is None:
                raise self._failure(failure) from failure
        if isinstance(error, OSError) and error.errno in _DISK_FAILURES:
            raise self._failure(error) from error

    @property
    def store(self) -> StoreReader:
        """What the operation works on."""
        return self._store

    @property
    def lease(self) -> Lease:
        """The lease that keeps this operation's pins."""
        assert self._lease is not None, "the operation has not been entered"
        return self._lease

    @property
    def ingest(self) -> Path:
        """The directory for files that are to become blobs."""
        return self._layout.ingest / self.lease.id

    def scratch(self, name: str) -> Path:
        """A new directory on the store's file system, called after `name`; it goes with the operation."""
        directory = self._layout.work / self.lease.id / f"{name}-{next(self._scratch_numbers)}"
        directory.mkdir(parents=True)
        return directory

    # Images

    def find(self, name: str | Digest | Reference) -> StoredImage | None:
        """The image that `name` means (a reference, an ID, the start of one ID), pinned with all that it needs."""
        with self._database.note() as connection:
            identifier = images.find_id(connection, name)
            if identifier is None:
                return None
            image = images.read_image(connection, self._layout, identifier)
            self.pin(connection, images.pins_of(connection, image))
        return image

    def add_image(self, config: bytes, *, parent: Digest | None = None, is_step: bool = False) -> StoredImage:
        """Enter the image with this config, whose layers are all in the store, and pin it.

        An image that is only a step of a build is hidden from plain listings; adding it again as no step makes it a
        real one. Raises `StoreError` for a missing layer, `InputError` for a config that is none.
        """
        image = StoredImage(sha256_of(config), images.parse_config_of(config), config, parent)
        with self._database.write() as connection:
            self._require_layers(connection, image)
            if images.is_entered(connection, self._layout, image, is_step=is_step):
                self.pin(connection, images.pins_of(connection, image))
                return images.read_image(connection, self._layout, image.id)
        staged = stage(self.ingest, config)
        with self._database.write() as connection:
            self._require_layers(connection, image)
            place(connection, self._layout, [(staged, media.OCI_CONFIG)])
            images.enter_image(connection, image, is_step=is_step)
            self.pin(connection, images.pins_of(connection, image))
            return images.read_image(connection, self._layout, image.id)

    def tag(self, reference: Reference, image: StoredImage) -> Digest | None:
        """Give a pinned image a name; returns the image that had it before, if that was another.

        Where it has the name already nothing changes, the time of its last name neither.
        """
        with self._database.write() as connection:
            if has_name(connection, self._layout, image, reference):
                return None
            return self.enter_names(connection, [reference], image)[reference]

    # Layers

    def find_layer(self, diff_id: Digest) -> Layer | None:
        """The layer, pinned; None where it is missing or damaged."""
        with self._database.note() as connection:
            layer = images.find_layer(connection, self._layout, diff_id)
            if layer is not None:
                self.pin(connection, {"layer": (str(diff_id),)})
        return layer

    def new_layer(self) -> LayerSink:
        """A sink for the plain tar of a new layer; write it, then `commit` it, inside a `with` block."""
        from dockerlang.store.layer_sink import LayerSink

        return LayerSink(self.store.layout, self.store.database, self.ingest, self.pin)

    def layer_trees(self, diff_ids: Sequence[Digest]) -> tuple[Path, ...]:
        """The layers' trees as overlay lower directories, lowest first, unpacked where they are not yet.

        Needs root, or the root of a user namespace. The paths are short links below `layers/l`.
        """
        from dockerlang.store.trees import layer_trees

        return layer_trees(self, diff_ids)

    def commit_with_tree(self, sink: LayerSink, index: LayerIndex, lowers: Sequence[Digest], upper: Path) -> Layer:
        """Keep the layer that was written to `sink`, and as its tree on top of `lowers`, by rename, an overlay upper
        directory inside the store that has the same files. Both are there at once, and entered with the next write.
        """
        from dockerlang.store.trees import commit_with_tree

        return commit_with_tree(self, sink, index, lowers, upper)

    # Containers

    def add_container(
        self, image: StoredImage, *, name: str = "", command: Sequence[str] = (), auto_remove: bool = False
    ) -> Container:
        """Record a new container of a pinned image and make its directory; an empty `name` is filled in.

        With `auto_remove` the record goes when this operation's process dies. Raises `ConflictError` for a name that is
        taken, `InputError` for one that is none.
        """
        with self._database.write() as connection:
            container = enter_container(
                connection,
                self._layout,
                image,
                lease=self.lease.id,
                name=name,
                command=command,
                auto_remove=auto_remove,
            )
            # Made before the commit, since a sweep may come right after; one without a row is swept.
            container.upper.mkdir(parents=True)
            container.work.mkdir()
        return container

    def set_container_state(
        self, container: Container, state: ContainerState, exit_code: int | None = None
    ) -> Container:
        """Note what became of a container; while it runs it counts as alive as long as this operation does."""
        with self._database.write() as connection:
            enter_state(connection, container, state, exit_code, self.lease.id)
        return replace(container, state=state, exit_code=exit_code)

    def remove_container(self, container: Container) -> None:
        """Forget a container and remove what it wrote."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM container WHERE id = ?", (container.id,))
            swept = sweep(connection, self._layout, self.lease.id)
        discard(self._layout, swept)

    def sweep(self) -> None:
        """Remove what nothing needs any more, such as what was left by processes that were killed."""
        with self._database.write() as connection:
            swept = sweep(connection, self._layout, self.lease.id)
        discard(self._layout, swept)

    def pin(self, connection: sqlite3.Connection, pins: Pins) -> None:
        """Keep things alive until the operation ends, in the transaction that has looked them up."""
        connection.executemany(
            "INSERT OR IGNORE INTO pin VALUES (?, ?, ?)",
            [(self.lease.id, kind, key) for kind, keys in pins.items() for key in keys],
        )

    def enter_names(
        self, connection: sqlite3.Connection, references: Iterable[Reference], image: StoredImage
    ) -> dict[Reference, Digest | None]:
        """Give a pinned image names, inside a write transaction; returns which other images had them before."""
        # Someone may have removed the image since we found it; our pins have kept its content.
        images.enter_image(connection, image, is_step=False)
        ensure_manifest(connection, self._layout, image, self.ingest)
        self.pin(connection, images.pins_of(connection, image))
        return {reference: self._enter_name(connection, reference, image) for reference in references}

    def _require_layers(self, connection: sqlite3.Connection, image: StoredImage) -> None:
        for diff_id in image.diff_ids:
            if images.find_layer(connection, self._layout, diff_id) is None:
                raise damaged(diff_id)

    def _begin(self) -> None:
        if self._frees_space:
            ballast.give_up(self._layout)
        self._lease = take_lease(self._layout, self._purpose)
        swept: Swept | None = None
        try:
            with self._database.note() as connection:
                self._lease.record(connection)
                abandoned = restore(connection, self._layout)
            if abandoned:
                # Whoever died here may have left files outside of its own directories, too. The layers of steps that it
                # had finished stay: a build goes on from there.
                with self._database.write() as connection:
                    swept = sweep(connection, self._layout, self._lease.id, keeps_rows=True)
            if swept is not None:
                discard(self._layout, swept)
            for directory in abandoned:
                remove_tree(directory)
            refresh(self._layout, self._database)
            self.ingest.mkdir()
        except BaseException:
            self._lease.end()
            self._lease = None
            raise
        self._store.keep_connections()

    def _end(self) -> None:
        lease = self.lease
        try:
            remove_tree(self.ingest)
            remove_tree(self._layout.work / lease.id)
            self._database.settle()
            with self._database.note() as connection:
                connection.execute("DELETE FROM lease WHERE id = ?", (lease.id,))
            refresh(self._layout, self._database)
        finally:
            self._store.release_connections()
            lease.end()
            self._lease = None
            ballast.take_back(self._layout)

    def _failure(self, error: OSError) -> StoreError:
        return StoreError(f"cannot write to {error.filename or self._layout.root}: {error.strerror}")

    def _enter_name(self, connection: sqlite3.Connection, reference: Reference, image: StoredImage) -> Digest | None:
        name = str(reference.resolved())
        before = images.find_id(connection, reference)
        connection.execute("DELETE FROM ref_document WHERE name = ?", (name,))
        connection.execute(
            "INSERT INTO ref VALUES (?, ?) ON CONFLICT DO UPDATE SET image = excluded.image", (name, str(image.id))
        )
        connection.execute("UPDATE image SET tagged = ? WHERE id = ?", (time.time(), str(image.id)))
        note_change(connection)
        return before if before != image.id else None
