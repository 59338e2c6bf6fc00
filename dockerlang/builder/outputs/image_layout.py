"""An image as an OCI layout: one archive that docker, podman and skopeo read as well, or a directory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from dockerlang.builder.outputs.directory import OutputFailed
from dockerlang.builder.outputs.documents import Documents
from dockerlang.errors import InputError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.manifest import Index, parse_manifest
from dockerlang.oci.reference import Reference
from dockerlang.oci.tar import Writable
from dockerlang.store.archive.save import LAYOUT_FILE, SavedImage, index_of, write_archive
from dockerlang.store.blobs import open_blob
from dockerlang.store.durability import write_file
from dockerlang.store.layout import Layout
from dockerlang.store.projection import REF_NAME


def saved_image(documents: Documents, names: Sequence[Reference]) -> SavedImage:
    """The documents under names, as the writers of archives take them."""
    pairs = tuple(zip(documents.images, documents.manifests, strict=True))
    return SavedImage(documents.named, pairs, list(names), documents.index)


def write_image_archive(layout: Layout, image: SavedImage, stream: Writable) -> None:
    """Write an archive whose bytes depend on nothing but the image and its names."""
    write_archive(layout, [image], stream)


def write_image_layout(layout: Layout, image: SavedImage, directory: Path) -> None:
    """Add the image to the OCI layout in a directory, which is made where there is none; its names move to it.

    `index.json` comes last, so a reader sees the old state or the new one. Raises `OutputFailed`, and `InputError` for
    an `index.json` that is none.
    """
    write_blobs(layout, directory, [document.raw for document in image.documents], image.blobs)
    write_index(directory, index_of([image]))


def write_blobs(layout: Layout, directory: Path, documents: Iterable[bytes], blobs: Iterable[Descriptor]) -> None:
    """Put documents, and blobs of the store, into the OCI layout in a directory. Raises `OutputFailed`."""
    try:
        target = directory / "blobs" / "sha256"
        target.mkdir(parents=True, exist_ok=True)
        for document in documents:
            _put(target, sha256_of(document), document)
        for blob in blobs:
            _copy(layout, target, blob)
        write_file(directory / "oci-layout", LAYOUT_FILE)
    except OSError as error:
        raise OutputFailed(f"cannot write to {error.filename or directory}: {error.strerror}") from None


def write_index(directory: Path, added: Index) -> None:
    """Add to the `index.json` of an OCI layout; names move to what is added. Raises `OutputFailed`, `InputError`."""
    path = directory / "index.json"
    try:
        write_file(path, _merged(path, added).raw)
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from None


def _put(blobs: Path, digest: Digest, content: bytes) -> None:
    if not (blobs / digest.hex).exists():
        write_file(blobs / digest.hex, content)


def _copy(layout: Layout, blobs: Path, blob: Descriptor) -> None:
    target = blobs / blob.digest.hex
    with suppress(FileNotFoundError):
        if target.stat().st_size == blob.size:
            return
    temporary = blobs / f".{blob.digest.hex}.{os.getpid()}"
    try:
        with open_blob(layout, blob.digest) as source, temporary.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        os.replace(temporary, target)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _merged(path: Path, added: Index) -> Index:
    """The index that is there with what is added; a name, or an image without one, is there once."""
    try:
        before = parse_manifest(path.read_bytes(), media.OCI_INDEX)
    except FileNotFoundError:
        return added
    except InputError as error:
        raise InputError(f"{path}: {error}", hint="write to another directory") from None
    if not isinstance(before, Index):
        raise InputError(f"{path} is no index of an OCI layout", hint="write to another directory")
    names = {manifest.annotations.get(REF_NAME) for manifest in added.manifests} - {None}
    digests = {manifest.digest for manifest in added.manifests}
    kept = [
        manifest
        for manifest in before.manifests
        if manifest.annotations.get(REF_NAME) not in names
        and not (manifest.digest in digests and REF_NAME not in manifest.annotations)
    ]
    return Index.build([*kept, *added.manifests], annotations=before.annotations)
