"""A store whose database is damaged or gone, put together again from what lies beside it.

The store is an OCI layout: `index.json` has the names, and every blob its digest for a name. So all images that have a
name come back. What only the database knew is lost: steps of builds, images without a name, and the records of
containers, whose files are put aside. Volumes and caches are not touched.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from dockerlang.errors import ConflictError, InputError, StoreError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.manifest import Index, parse_manifest
from dockerlang.store.archive.load import load_members
from dockerlang.store.archive.members import DirectoryMembers
from dockerlang.store.blobs import StagedBlob, stage
from dockerlang.store.boot import is_lease_database
from dockerlang.store.layout import Layout, make_database
from dockerlang.store.leases import is_abandoned
from dockerlang.store.locks import hold
from dockerlang.store.operation import Operation
from dockerlang.store.projection import CONTAINERD_NAME
from dockerlang.store.store import Store
from dockerlang.store.sweep import remove_tree


def rescue_store(root: Path) -> list[str]:
    """Replace the database of the store at `root` by one that has all images named in `index.json`.

    Returns what was done, in lines. The old database and files of containers are in `lost/` afterwards. Raises
    `ConflictError` while an operation runs.
    """
    layout = Layout(root)
    with hold(layout.locks / "create"):
        if any(not is_abandoned(layout, name) for name in os.listdir(layout.leases)):
            raise ConflictError(
                "the database cannot be replaced while a build, a container or a pull runs on the store"
            )
        names = _names(layout)
        lines = _put_aside(layout)
        make_database(layout)
    with Store.open(root).operation("rescue", frees_space=True) as operation:
        for descriptor in names:
            lines.append(_bring_back(operation, descriptor))
        operation.sweep()
    return lines


def _names(layout: Layout) -> list[Descriptor]:
    try:
        index = parse_manifest(layout.index_json.read_bytes(), media.OCI_INDEX)
    except (FileNotFoundError, InputError):
        return []
    return list(index.manifests) if isinstance(index, Index) else []


def _put_aside(layout: Layout) -> list[str]:
    lost = layout.root / "lost" / time.strftime("%Y%m%d-%H%M%S")
    (lost / "containers").mkdir(mode=0o700, parents=True)
    for name in ("store.db", "store.db-journal", "index.json"):
        with suppress(FileNotFoundError):
            os.rename(layout.root / name, lost / name)
    containers = os.listdir(layout.containers)
    for name in containers:
        os.rename(layout.containers / name, lost / "containers" / name)
    # Nothing runs, so that what is pinned there is of no use to anybody.
    for name in os.listdir(layout.root):
        if is_lease_database(name):
            os.unlink(layout.root / name)
    # What a sweep had moved away may have been needed; the one that follows knows.
    for directory in layout.trash.iterdir():
        with suppress(FileNotFoundError):
            for name in os.listdir(directory / "blobs"):
                os.replace(directory / "blobs" / name, layout.blobs / name)
    for parent in (layout.trash, layout.ingest, layout.work):
        for directory in parent.iterdir():
            remove_tree(directory)
    lines = [f"put the damaged database aside: {lost}"]
    return lines + [
        f"put the files of container {name[:12]} aside: {lost / 'containers' / name}" for name in containers
    ]


def _bring_back(operation: Operation, descriptor: Descriptor) -> str:
    name = descriptor.annotations.get(CONTAINERD_NAME, str(descriptor.digest))
    try:
        loaded = load_members(operation, _OneName(operation, descriptor), ())
    except (InputError, StoreError) as error:
        return f"could not bring back {name}: {error}"
    return f"brought back {name}: {loaded[0].image.id}"


class _OneName:
    """The store's own blobs as an archive that has one of its names."""

    def __init__(self, operation: Operation, descriptor: Descriptor) -> None:
        self._operation = operation
        self._descriptor = descriptor
        self._files = DirectoryMembers(operation.store.root, operation.ingest)

    def get(self, name: str) -> StagedBlob | None:
        """As `Members.get`."""
        if name == "index.json":
            return stage(self._operation.ingest, Index.build([self._descriptor]).raw)
        return None if name == "manifest.json" else self._files.get(name)
