"""Layers: whiteouts, the index of a layer's archive, and a writer that makes both at once."""

from __future__ import annotations

from dockerlang.oci.layer.index import IndexedEntry, LayerIndex
from dockerlang.oci.layer.indexing import index_layer, portable_xattrs
from dockerlang.oci.layer.whiteouts import opaque, whiteout
from dockerlang.oci.layer.writer import LayerWriter

__all__ = ["IndexedEntry", "LayerIndex", "LayerWriter", "index_layer", "opaque", "portable_xattrs", "whiteout"]
