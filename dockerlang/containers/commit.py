"""Makes an image of a container: its image's layers, what it changed as one more, and its config."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime

from dockerlang.containers.files import find_container, image_of, root_of
from dockerlang.containers.processes import paused
from dockerlang.containers.settings import read_settings
from dockerlang.oci.config import ContainerConfig, History
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer import LayerWriter
from dockerlang.records import replace
from dockerlang.runtime.changes import changes
from dockerlang.runtime.root import Root
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage


def commit_container(
    operation: Operation,
    name: str,
    *,
    change: Callable[[ContainerConfig], ContainerConfig],
    author: str = "",
    message: str = "",
    pauses: bool = True,
) -> StoredImage:
    """An image of the container with that name or ID; what it keeps in volumes is no part of it.

    `change` has the last word on the config. With `pauses` a running container stands still meanwhile. A container that
    changed nothing gives an image without a layer of its own. Raises NotFoundError and what `change` raises.
    """
    container = find_container(operation, name)
    image = image_of(operation, container)
    settings = read_settings(container)
    base = settings.image if settings is not None else image.config
    config = change(base.config)
    with paused(operation.store, container) if pauses else nullcontext():
        layer = _layer(operation, root_of(operation, container))
    created = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    entry = History(
        created=created,
        created_by=" ".join(container.command),
        author=author,
        comment=message,
        empty_layer=layer is None,
    )
    made = replace(
        image.config,
        created=created,
        author=author or image.config.author,
        config=config,
        diff_ids=(*image.diff_ids, layer) if layer is not None else image.diff_ids,
        history=(*image.config.history, entry),
    )
    return operation.add_image(made.to_bytes(), parent=image.id)


def _layer(operation: Operation, root: Root) -> Digest | None:
    """The container's changes as a layer in the store; None where there are none."""
    is_empty = True
    with operation.new_layer() as sink:
        writer = LayerWriter(sink)
        for entry, open_data in changes(root):
            is_empty = False
            if entry.size:
                with open_data() as data:
                    writer.add(entry, data)
            else:
                writer.add(entry)
        return None if is_empty else sink.commit(writer.close()).diff_id
