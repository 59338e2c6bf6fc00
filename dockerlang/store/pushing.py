"""What a push needs of the store: a manifest whose blobs are worth sending, and where those have been before."""

from __future__ import annotations

from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.manifest import Manifest, parse_manifest
from dockerlang.oci.reference import Reference
from dockerlang.store import images
from dockerlang.store.blobs import read_blob
from dockerlang.store.foreign_images import enter_repo_digest
from dockerlang.store.manifests import present_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage


def manifest_as_it_came(operation: Operation, image: StoredImage) -> Manifest | None:
    """The manifest with which the image came from elsewhere, if the store has all that it names.

    One that names plain layers just as this store would write it is no other's: it came by way of `save` and `load`.
    """
    layout = operation.store.layout
    with operation.store.database.read() as connection:
        descriptor = present_manifest(connection, layout, image.id)
        if descriptor is None:
            return None
        row = connection.execute("SELECT is_own FROM manifest WHERE digest = ?", (str(descriptor.digest),)).fetchone()
    if row[0]:
        return None
    manifest = parse_manifest(read_blob(layout, descriptor.digest), descriptor.media_type)
    assert isinstance(manifest, Manifest)
    plain = [Descriptor(media.OCI_LAYER, layer.digest, layer.size) for layer in manifest.layers]
    is_ours = manifest.raw == Manifest.build(_config(image), plain).raw
    return None if is_ours and plain else manifest


def manifest_of(image: StoredImage, layers: list[Descriptor]) -> Manifest:
    """A new OCI manifest of an image whose layers have these forms."""
    return Manifest.build(_config(image), layers)


def repositories_with(operation: Operation, blob: Digest, domain: str) -> list[str]:
    """The paths of repositories at a registry that had the blob when we last heard of them."""
    with operation.store.database.read() as connection:
        rows = connection.execute(
            "SELECT DISTINCT repository FROM repo_digest JOIN image_layer USING (image) JOIN variant USING (diff_id)"
            " WHERE variant.digest = ? AND repository GLOB ? ORDER BY repository",
            (str(blob), f"{domain}/*"),
        ).fetchall()
    return [str(row[0]).removeprefix(f"{domain}/") for row in rows]


def tags_of(operation: Operation, repository: Reference) -> list[Reference]:
    """All names in a repository that the store has, sorted."""
    with operation.store.database.read() as connection:
        rows = connection.execute(
            "SELECT name FROM ref WHERE name GLOB ? ORDER BY name", (f"{repository.name}:*",)
        ).fetchall()
    return [Reference(repository.domain, repository.path, str(row[0]).rpartition(":")[2]) for row in rows]


def note_pushed(operation: Operation, image: StoredImage, repository: Reference, digest: Digest) -> None:
    """Remember under which digest a registry knows the image now."""
    with operation.store.database.write() as connection:
        images.enter_image(connection, image, is_step=False)
        enter_repo_digest(connection, image.id, repository.name, digest)


def _config(image: StoredImage) -> Descriptor:
    return Descriptor(media.OCI_CONFIG, image.id, len(image.config_bytes))
