"""Making an image of a bare root file system: its tar becomes the only layer."""

from __future__ import annotations

from datetime import UTC, datetime

from dockerlang.oci.compression import open_decompressed
from dockerlang.oci.config import ContainerConfig, History, ImageConfig
from dockerlang.oci.platform import Platform
from dockerlang.oci.tar import Readable
from dockerlang.store.blobs import CHUNK
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage

_NOTHING = ContainerConfig()


def import_root(
    operation: Operation,
    stream: Readable,
    *,
    platform: Platform,
    container: ContainerConfig = _NOTHING,
    comment: str = "",
    created: datetime | None = None,
) -> StoredImage:
    """An image of the root file system in a tar stream, compressed or not.

    `container` is what its containers are to run. Raises `InputError` for a stream that is no valid layer.
    """
    with operation.new_layer() as sink, open_decompressed(stream) as plain:
        while chunk := plain.read(CHUNK):
            sink.write(chunk)
        layer = sink.commit()
    time = (created or datetime.now(UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    config = ImageConfig(
        architecture=platform.architecture,
        os=platform.os,
        variant=platform.variant,
        created=time,
        config=container,
        diff_ids=(layer.diff_id,),
        history=(History(created=time, comment=comment),),
    )
    return operation.add_image(config.to_bytes())
