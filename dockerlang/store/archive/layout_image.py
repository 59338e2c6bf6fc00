"""One image of an OCI layout on disk, chosen by tag or digest; it enters the store without a name."""

from __future__ import annotations

from pathlib import Path

from dockerlang.errors import NotFoundError
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.store.archive.contents import read_one
from dockerlang.store.archive.load import load_archived
from dockerlang.store.archive.members import DirectoryMembers
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage

DEFAULT_TAG = "latest"


def load_layout_image(operation: Operation, directory: Path, tag: str, digest: str, platform: Platform) -> StoredImage:
    """The image with that digest, else with that tag (`latest` if both are empty), pinned.

    Raises `NotFoundError` where the layout has no such image, `InputError` for what is no layout or is damaged.
    """
    members = DirectoryMembers(directory, operation.ingest)
    wanted = Digest.parse(digest) if digest else tag or DEFAULT_TAG
    archived, offered = read_one(members, wanted, platform)
    if archived is None:
        has = f"it has {', '.join(offered)}" if offered else "it names no image"
        raise NotFoundError(f"the OCI layout {directory} has no image `{wanted}`", hint=f"{has}: add :TAG or @DIGEST")
    return load_archived(operation, [archived])[0].image
