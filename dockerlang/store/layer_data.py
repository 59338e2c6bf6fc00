"""Reading layers: their plain tar, and the index of it that is kept in a file beside.

Large layers that were pulled are verified against their diff ID here, when they are first used: nothing of one is
handed out before.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from dockerlang.errors import InputError, StoreError
from dockerlang.oci.digest import Digest
from dockerlang.records import record
from dockerlang.store.blobs import CHUNK, damaged, open_blob
from dockerlang.store.database import Database
from dockerlang.store.images import enter_sizes, variants
from dockerlang.store.layout import Layout
from dockerlang.store.records import Layer

# The codecs are imported where they are used: most commands look at names only, and these take as long as all else.
if TYPE_CHECKING:
    from dockerlang.oci.layer import LayerIndex


def content_size(index: LayerIndex) -> int:
    """The bytes of all files in a layer, a file with several names counted once: what docker calls its size."""
    from dockerlang.oci.tar import Kind

    return sum(item.entry.size for item in index if item.entry.kind is Kind.FILE)


@record
class LayerReading:
    """One reading of a layer from its beginning to its end. `keep` takes the index of it, where one is wanted.

    `keep` raises for a layer that is not what it should be.
    """

    stream: BinaryIO
    wants_index: bool
    keep: Callable[[LayerIndex], None]


class LayerData:
    """Opens layers for reading. A compressed one is expanded once a process, into a file that has no name."""

    def __init__(self, layout: Layout, database: Database) -> None:
        self._layout = layout
        self._database = database
        self._expanded: dict[Digest, int] = {}
        self._lock = threading.Lock()

    @contextmanager
    def stream(self, diff_id: Digest) -> Iterator[BinaryIO]:
        """The layer's plain tar from beginning to end, not seekable; what nobody has read is read as a whole first."""
        blob = self._blob(diff_id)
        if not self._is_verified(diff_id, blob):
            self._read(diff_id, blob)
        with self._opened(diff_id, blob) as stream:
            yield stream

    @contextmanager
    def reading(self, diff_id: Digest) -> Iterator[LayerReading]:
        """The layer for somebody who reads it to its end anyway, and verifies it on the way."""
        blob = self._blob(diff_id)
        is_known = self._layout.layer_index(diff_id).exists() and self._is_verified(diff_id, blob)
        with self._opened(diff_id, blob) as stream:
            yield LayerReading(stream, not is_known, lambda index: self._keep(diff_id, blob, index))

    @contextmanager
    def _opened(self, diff_id: Digest, blob: Digest) -> Iterator[BinaryIO]:
        from dockerlang.oci.compression import open_decompressed

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
        from dockerlang.oci.layer import LayerIndex

        path = self._layout.layer_index(diff_id)
        with suppress(FileNotFoundError, InputError):
            index = LayerIndex.from_bytes(path.read_bytes())
            if index.diff_id == diff_id:
                return index
        return self._read(diff_id, self._blob(diff_id))

    def measure(self, diff_id: Digest) -> None:
        """Read a layer whose sizes are not known yet, so that they are."""
        self._read(diff_id, self._blob(diff_id))

    def close(self) -> None:
        """Free the expanded layers."""
        with self._lock:
            for descriptor in self._expanded.values():
                os.close(descriptor)
            self._expanded.clear()

    def _read(self, diff_id: Digest, blob: Digest) -> LayerIndex:
        """Read a layer from its beginning to its end, and keep what is learnt of it."""
        from dockerlang.oci.compression import open_decompressed
        from dockerlang.oci.layer import index_layer

        with open_blob(self._layout, blob) as file, open_decompressed(file) as stream:
            index = index_layer(stream)
        self._keep(diff_id, blob, index)
        return index

    def _keep(self, diff_id: Digest, blob: Digest, index: LayerIndex) -> None:
        """Keep the index of a blob that was read, and that it is verified."""
        if index.diff_id != diff_id:
            raise damaged(diff_id) if self._is_verified(diff_id, blob) else not_the_layer(blob, diff_id, index.diff_id)
        if not (self._is_verified(diff_id, blob) and self._is_measured(diff_id)):
            with self._database.write() as connection:
                if connection.execute("SELECT 1 FROM layer WHERE diff_id = ?", (str(diff_id),)).fetchone():
                    enter_sizes(connection, Layer(diff_id, content_size(index), index.size))
                connection.execute("DELETE FROM unverified WHERE diff_id = ? AND digest = ?", (str(diff_id), str(blob)))
        write_index(self._layout, index)

    def _is_measured(self, diff_id: Digest) -> bool:
        with self._database.read() as connection:
            query = "SELECT 1 FROM layer WHERE diff_id = ? AND content_size >= 0"
            return connection.execute(query, (str(diff_id),)).fetchone() is not None

    def _is_verified(self, diff_id: Digest, blob: Digest) -> bool:
        if blob == diff_id:
            return True
        with self._database.read() as connection:
            query = "SELECT 1 FROM unverified WHERE diff_id = ? AND digest = ?"
            return connection.execute(query, (str(diff_id), str(blob))).fetchone() is None

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
                found = Digest("sha256", hasher.hexdigest())
                raise damaged(diff_id) if self._is_verified(diff_id, blob) else not_the_layer(blob, diff_id, found)
            return os.dup(file.fileno())


def measure_layers(data: LayerData, database: Database) -> None:
    """Read all layers whose sizes are not known yet; one that is not what its image says keeps none."""
    with database.read() as connection:
        rows = connection.execute("SELECT diff_id FROM layer WHERE content_size < 0").fetchall()
    if not rows:
        return
    from concurrent.futures import ThreadPoolExecutor

    def measure(diff_id: Digest) -> None:
        with suppress(InputError, StoreError):
            data.measure(diff_id)

    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="measure") as pool:
        list(pool.map(measure, [Digest.parse(row[0]) for row in rows]))


def not_the_layer(blob: Digest, diff_id: Digest, found: Digest) -> InputError:
    """The error for a blob whose plain tar is not what the config of its image says."""
    return InputError(f"layer {blob} is damaged: it has the diff ID {found}, the config says {diff_id}")


def write_index(layout: Layout, index: LayerIndex) -> None:
    """Keep an index beside its layer. It can be made again, so it is not synced."""
    path = layout.layer_index(index.diff_id)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}")
    temporary.write_bytes(index.to_bytes())
    # A sweep in between takes the unknown name for rubbish.
    with suppress(FileNotFoundError):
        os.rename(temporary, path)
