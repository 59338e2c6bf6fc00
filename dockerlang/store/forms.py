"""A layer's blob in the form that is asked for: one that is there, or one made now and remembered for the next time."""

from __future__ import annotations

from collections.abc import Callable

from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.forms import Form, write_in_form
from dockerlang.store import images
from dockerlang.store.blobs import CHUNK, BlobWriter, damaged, place
from dockerlang.store.locks import hold
from dockerlang.store.operation import Operation

_COMPRESSED = frozenset({media.OCI_LAYER_GZIP, media.OCI_LAYER_ZSTD})


def layer_in_form(
    operation: Operation,
    diff_id: Digest,
    form: Form,
    *,
    keeps_compressed: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Descriptor:
    """The layer's blob, pinned, with its OCI media type. Raises `StoreError` for a layer that is not there.

    With `keeps_compressed` a compressed blob that is there is good whatever its method, as for layers of a base image,
    which a registry has already. `progress` is told the plain bytes read so far.
    """
    layout = operation.store.layout
    with hold(layout.locks / f"blob-{diff_id.hex}"):
        found = _present(operation, diff_id, form, keeps_compressed=keeps_compressed)
        if found is not None:
            return found
        done = 0
        with operation.store.stream_layer(diff_id) as plain, BlobWriter(operation.ingest) as writer:
            compressor = write_in_form(writer, form)
            while chunk := plain.read(CHUNK):
                compressor.write(chunk)
                done += len(chunk)
                progress(done)
            compressor.close()
            blob = writer.finish()
        with operation.store.database.write() as connection:
            layer = images.find_layer(connection, layout, diff_id)
            if layer is None:
                raise damaged(diff_id)
            place(connection, layout, [(blob, form.media_type)])
            images.enter_layer(connection, layer, blob.digest, form.media_type)
            operation.pin(connection, {"layer": (str(diff_id),), "blob": (str(blob.digest),)})
        return Descriptor(form.media_type, blob.digest, blob.size)


def stored_form(operation: Operation, diff_id: Digest) -> Descriptor:
    """The blob that holds the layer now, pinned; the plain one where there are several."""
    with operation.store.database.write() as connection:
        found = images.variants(connection, operation.store.layout, diff_id)
        if not found:
            raise damaged(diff_id)
        digest, size, media_type = found[0]
        operation.pin(connection, {"layer": (str(diff_id),), "blob": (str(digest),)})
    return Descriptor(media.TO_OCI.get(media_type, media_type), digest, size)


def _present(operation: Operation, diff_id: Digest, form: Form, *, keeps_compressed: bool) -> Descriptor | None:
    with operation.store.database.write() as connection:
        for digest, size, media_type in images.variants(connection, operation.store.layout, diff_id):
            oci_type = media.TO_OCI.get(media_type, media_type)
            # Which level a blob was compressed with cannot be told: for a certain one it is made anew.
            is_wanted = oci_type == form.media_type and form.level is None
            if is_wanted or (keeps_compressed and oci_type in _COMPRESSED):
                operation.pin(connection, {"layer": (str(diff_id),), "blob": (str(digest),)})
                return Descriptor(oci_type, digest, size)
    return None
