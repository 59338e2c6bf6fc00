"""Reading layers: their plain tar, and the index of it that is kept in a file beside."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest
from dockerlang.store.blobs import CHUNK, damaged, open_blob
from dockerlang.store.database import Database
from dockerlang.store.images import variants
from dockerlang.store.layout import Layout

# The codecs are imported where they are used: most commands look at names only, and these take as long as all else.
if TYPE_CHECKING:
    from dockerlang.oci.layer import LayerIndex


def content_size(index: LayerIndex) -> int:
    """The bytes of all files in a layer, a file with several names counted once: what docker calls its size."""
    from dockerlang.oci.tar import Kind

    return sum(item.entry.size for item in index if item.entry.kind is Kind.FILE)


class LayerData:
    """Opens layers for reading. A compressed one is expanded once a process, into a file that has no name."""

    def __init__(self, layout: Layout, database: Database) -> None:
        self._layout = layout
        self._database = database
        self._expanded: dict[Digest, int] = {}
        self._lock = threading.Lock()

    @contextmanager
    def stream(self, diff_id: Digest) -> Iterator[BinaryIO]:
        """The layer's plain tar from its beginning to its end, not seekable; to be verified by the caller."""
        from dockerlang.oci.compression import open_decompressed

        blob = self._blob(diff_id)
        with open_blob(self._layout, blob) as file:
            if blob == diff_id:
                yield file
            else:
                with open_decompressed(file) as plain:
                    yield plain

    def open(self, diff_id: Digest) -> BinaryIO:
        """The layer's plain tar, seekable; the caller closes it. `StoreError` where the layer is missing or damaged."""
        blob = self._blob(diff_id)
        if blob == diff_id:
            return open_blob(self._layout, diff_id)
        with self._lock:
            if diff_id not in self._expanded:
                self._expanded[diff_id] = self._expand(diff_id, blob)
            # A path through /proc gives a new open file with a position of its own, which dup() would share.
            return open(f"/proc/self/fd/{self._expanded[diff_id]}", "rb")

    def index(self, diff_id: Digest) -> LayerIndex:
        """The layer's index: from its file, or made anew where that is missing or damaged."""
        from dockerlang.oci.layer import LayerIndex, index_layer

        path = self._layout.layer_index(diff_id)
        with suppress(FileNotFoundError, InputError):
            index = LayerIndex.from_bytes(path.read_bytes())
            if index.diff_id == diff_id:
                return index
        with self.stream(diff_id) as stream:
            index = index_layer(stream)
        if index.diff_id != diff_id:
            raise damaged(diff_id)
        write_index(self._layout, index)
        return index

    def close(self) -> None:
        """Free the expanded layers."""
        with self._lock:
            for descriptor in self._expanded.values():
                os.close(descriptor)
            self._expanded.clear()

    def _blob(self, diff_id: Digest) -> Digest:
        with self._database.read() as connection:
            found = variants(connection, self._layout, diff_id)
        if not found:
            raise damaged(diff_id)
        return found[0][0]

    def _expand(self, diff_id: Digest, blob: Digest) -> int:
        """The file descriptor of a nameless file with the plain tar, verified on the way."""
        import tempfile
        from hashlib import sha256

        from dockerlang.oci.compression import open_decompressed

        hasher = sha256()
        with (
            tempfile.TemporaryFile(dir=self._layout.ingest) as file,
            open_blob(self._layout, blob) as compressed,
            open_decompressed(compressed) as stream,
        ):
            while chunk := stream.read(CHUNK):
                hasher.update(chunk)
                file.write(chunk)
            file.flush()
            if hasher.hexdigest() != diff_id.hex:
                raise damaged(diff_id)
            return os.dup(file.fileno())


def write_index(layout: Layout, index: LayerIndex) -> None:
    """Keep an index beside its layer. It can be made again, so it is not synced."""
    path = layout.layer_index(index.diff_id)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}")
    temporary.write_bytes(index.to_bytes())
    # A sweep in between takes the unknown name for rubbish.
    with suppress(FileNotFoundError):
        os.rename(temporary, path)
