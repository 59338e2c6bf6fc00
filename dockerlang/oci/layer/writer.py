"""Writes a layer and indexes it in the same pass."""

from __future__ import annotations

from typing import BinaryIO

from dockerlang.oci.layer.index import LayerIndex
from dockerlang.oci.tar import Entry


class LayerWriter:
    """Writes a layer's archive to a binary stream; stricter than a reader of other people's layers."""

    def __init__(self, stream: BinaryIO) -> None:
        raise NotImplementedError

    def add(self, entry: Entry, data: bytes | BinaryIO = b"") -> None:
        """Add a file, or a whiteout made by `whiteouts.whiteout`.

        Raises `InputError` for a path that stands twice, that is not normalised, or that cannot be represented in a layer, and for an
        overlay whiteout (character device 0:0).
        """
        raise NotImplementedError

    def close(self) -> LayerIndex:
        """End the archive and return its index, equal to what `index_layer` makes of the bytes written."""
        raise NotImplementedError
