"""Files of a stage or an image, read straight from its layers: no unpacking, no privilege."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import BinaryIO

from dockerlang.builder.files import SourceFile
from dockerlang.oci.digest import Digest
from dockerlang.oci.tree import MergedTree, TreeNode
from dockerlang.store.reading import StoreReader

_KEPT_VIEWS = 16


class LayerFiles:
    """The merged file system of a stack of layers in the store, as a `SourceTree`."""

    def __init__(self, store: StoreReader, layers: tuple[Digest, ...], tree: MergedTree | None = None) -> None:
        """`tree` is the view of these layers where somebody has it already."""
        self._store = store
        self._layers = layers
        self.tree = tree or MergedTree([store.layer_index(layer) for layer in layers])

    def get(self, path: bytes) -> SourceFile | None:
        node = self.tree.lookup(path, follow=False)
        return None if node is None else self._file(node)

    def children(self, directory: bytes) -> Iterator[SourceFile]:
        return map(self._file, self.tree.children(directory))

    def prepare(self, files: list[SourceFile]) -> None:
        """Nothing to do: the index of a layer holds the digests."""

    def read(self, path: str) -> bytes | None:
        """The content of a small file such as /etc/passwd, links followed; None where there is none."""
        node = self.tree.lookup(path.encode())
        return None if node is None else self._open(node).read()

    def _file(self, node: TreeNode) -> SourceFile:
        return SourceFile(node.entry, node.inode, lambda: self._open(node), lambda: node.sha256)

    def _open(self, node: TreeNode) -> BinaryIO:
        if not node.entry.size:
            return io.BytesIO()
        archive = self._store.open_layer(self._layers[node.layer])
        archive.seek(node.offset)
        return io.BufferedReader(_Part(archive, node.entry.size))


class LayerViews:
    """The views of the stacks that were asked for last: a step's is that of the step before with one layer on top."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[Digest, ...], MergedTree] = {}

    def files(self, store: StoreReader, layers: tuple[Digest, ...]) -> LayerFiles:
        """The files of a stack; may be asked for by many threads."""
        with self._lock:
            tree, below = self._known.pop(layers, None), self._known.get(layers[:-1])
        if tree is None and below is not None and layers:
            tree = below.with_layer(store.layer_index(layers[-1]))
        found = LayerFiles(store, layers, tree)
        with self._lock:
            self._known[layers] = found.tree
            while len(self._known) > _KEPT_VIEWS:
                del self._known[next(iter(self._known))]
        return found


class _Part(io.RawIOBase):
    """The next `size` bytes of a file, which is closed with it."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._left)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
