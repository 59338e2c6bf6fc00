"""The data of files in layers, each layer opened once however many of its files are read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import BinaryIO, Self

from dockerlang.oci.digest import Digest
from dockerlang.oci.tree import TreeNode
from dockerlang.store.reading import StoreReader


class LayerData:
    """Reads what the nodes of a `MergedTree` over `layers` hold; a context manager, used by one thread."""

    def __init__(self, store: StoreReader, layers: Sequence[Digest]) -> None:
        self._store = store
        self._layers = layers
        self._open: dict[int, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for file in self._open.values():
            file.close()
        self._open.clear()

    def of(self, node: TreeNode) -> FileData:
        """The data of a file, to be read once; good until this object is closed."""
        if not node.entry.size:
            return FileData(-1, 0, 0)
        if node.layer not in self._open:
            self._open[node.layer] = self._store.open_layer(self._layers[node.layer])
        return FileData(self._open[node.layer].fileno(), node.offset, node.entry.size)


class FileData:
    """A part of an open file as a stream."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        wanted = self._left if size < 0 else min(size, self._left)
        if not wanted:
            return b""
        data = os.pread(self._descriptor, wanted, self._offset)
        self._offset += len(data)
        self._left -= len(data)
        return data
