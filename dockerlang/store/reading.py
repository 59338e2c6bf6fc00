"""Reading the image store: what is in it now. To work with what was found, find it by an operation, which pins it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from dockerlang.errors import StoreError
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import Reference
from dockerlang.store import images
from dockerlang.store.connections import Connections
from dockerlang.store.containers import find_container, read_containers
from dockerlang.store.database import Database
from dockerlang.store.layer_data import LayerData, LayerReading, measure_layers
from dockerlang.store.layout import Layout
from dockerlang.store.records import Container, StoredImage
from dockerlang.store.sweep import restore

if TYPE_CHECKING:
    from dockerlang.oci.layer import LayerIndex
    from dockerlang.store.build_cache import BuildCache

Result = TypeVar("Result")


class StoreReader:
    """One store's directory. Holds no lock and no connection: any number of processes may have it open."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.database = Database(layout.database)
        self._layer_data = LayerData(layout, self.database)

    @property
    def root(self) -> Path:
        """The store's directory."""
        return self.layout.root

    @property
    def has_trees(self) -> bool:
        """Whether any layer is unpacked; a tree's files may belong to other users of our user namespace."""
        return any(entry.name != "l" for entry in os.scandir(self.layout.layers))

    @cached_property
    def build_cache(self) -> BuildCache:
        """What earlier builds made of what."""
        from dockerlang.store.build_cache import BuildCache

        return BuildCache(self.layout.cache_database)

    def find(self, name: str | Digest | Reference) -> StoredImage | None:
        """The image that `name` means now. It may be gone a moment later: to work with it, find it by an operation."""

        def look_up(connection: sqlite3.Connection) -> StoredImage | None:
            identifier = images.find_id(connection, name)
            return None if identifier is None else images.read_image(connection, self.layout, identifier)

        return self.view(look_up)

    def view(self, reader: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `reader` makes of a consistent state of the database and the files that it names."""
        try:
            with self.database.read() as connection:
                return reader(connection)
        except StoreError:
            # A sweep moves files away before it commits, and an interrupted one is undone only by the next writer:
            # with the write lock, what is still missing is really missing.
            with self.database.write() as connection:
                restore(connection, self.layout)
                return reader(connection)

    def layer_index(self, diff_id: Digest) -> LayerIndex:
        """What the layer holds; `StoreError` where the layer is missing or damaged."""
        return self._layer_data.index(diff_id)

    def open_layer(self, diff_id: Digest) -> BinaryIO:
        """The layer's plain tar, seekable, for the caller to close; `StoreError` where it is missing or damaged."""
        return self._layer_data.open(diff_id)

    def stream_layer(self, diff_id: Digest) -> AbstractContextManager[BinaryIO]:
        """The layer's plain tar to be read once from the start; cheaper than `open_layer` for a compressed one."""
        return self._layer_data.stream(diff_id)

    def read_layer(self, diff_id: Digest) -> AbstractContextManager[LayerReading]:
        """The layer for who reads it to its end anyway, verifies it on the way, and gives back what was learnt."""
        return self._layer_data.reading(diff_id)

    def measure(self) -> None:
        """Read what has come and was not read yet, for those who show sizes."""
        measure_layers(self._layer_data, self.database)

    def containers(self) -> tuple[Container, ...]:
        """All containers, the newest first."""
        return self.view(lambda connection: read_containers(connection, self.layout))

    def find_container(self, name: str) -> Container | None:
        """The container with that name or ID, or the only one whose ID starts so."""
        return self.view(lambda connection: find_container(connection, self.layout, name))

    def keep_connections(self) -> None:
        """Keep the databases' connections open for the next question, until `release_connections`."""
        for connections in self._connections():
            connections.keep()

    def release_connections(self) -> None:
        """Close them, unless someone else still wants to keep them."""
        for connections in self._connections():
            connections.release()

    def _connections(self) -> tuple[Connections, ...]:
        return (self.database.connections, self.build_cache.connections)

    def close(self) -> None:
        """Free the temporary files of expanded layers."""
        self._layer_data.close()
