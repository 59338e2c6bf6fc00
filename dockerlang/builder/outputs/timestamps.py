"""`rewrite-timestamp=true`: files of new layers that are younger than SOURCE_DATE_EPOCH get that time.

Older files keep theirs, and so do the layers of the base image as a whole: they are somebody else's.
"""

from __future__ import annotations

from dockerlang.builder.graph import Definition, key_of
from dockerlang.builder.outputs.built import BuiltImage
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer import LayerWriter
from dockerlang.oci.tar import read_entries
from dockerlang.records import replace
from dockerlang.store.cache_records import StepRecord
from dockerlang.store.operation import Operation


def with_clamped_times(operation: Operation, built: BuiltImage) -> BuiltImage:
    """The image with its new layers rewritten, entered as a step; the same one without SOURCE_DATE_EPOCH."""
    if built.epoch is None:
        return built
    layers = tuple(
        layer if number < built.base_layers else _clamped(operation, layer, built.epoch)
        for number, layer in enumerate(built.image.diff_ids)
    )
    if layers == built.image.diff_ids:
        return built
    config = replace(built.image.config, diff_ids=layers)
    return replace(built, image=operation.add_image(config.to_bytes(), parent=built.base, is_step=True))


def _clamped(operation: Operation, layer: Digest, epoch: int) -> Digest:
    """The layer without younger files; remembered, so that a repeated build need not write it again."""
    cache = operation.store.build_cache
    ingredients: Definition = {"operation": "clamp times", "layer": str(layer), "epoch": epoch}
    key = key_of(ingredients)
    record = cache.get(key)
    if record is not None and operation.find_layer(Digest.parse(record.result)) is not None:
        return Digest.parse(record.result)
    latest = epoch * 10**9
    with operation.new_layer() as sink, operation.store.stream_layer(layer) as stream:
        writer = LayerWriter(sink)
        for entry, data, _ in read_entries(stream):
            clamped = replace(entry, mtime_ns=min(entry.mtime_ns, latest))
            writer.add(clamped, data if entry.size else b"")
        made = sink.commit(writer.close()).diff_id
    cache.put(StepRecord(key, "", ingredients, str(made)))
    return made
