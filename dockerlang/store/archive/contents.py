"""What images an archive holds: docker's `manifest.json`, an OCI layout's `index.json`, or both saying the same.

Where both are there, the OCI manifests count, because they keep their digests through save and load; names come from
both. Image layout specification 1.1; docker's formats as of docker 1.10 (a directory a layer) and 25 (blobs).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dockerlang.errors import InputError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.document import Fields, read_object
from dockerlang.oci.manifest import Index, Manifest, parse_manifest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference, parse_reference
from dockerlang.store.archive.members import DOCUMENT_LIMIT, Members, document, read_document
from dockerlang.store.blobs import StagedBlob
from dockerlang.store.projection import CONTAINERD_NAME, REF_NAME

_NESTING_LIMIT = 4


@dataclass(slots=True)
class ArchivedImage:
    """One image of an archive, its parts staged but not yet verified against each other."""

    config: StagedBlob
    layers: tuple[StagedBlob, ...]
    manifest: Manifest | None = None
    manifest_blob: StagedBlob | None = None
    names: list[Reference] = field(default_factory=list)

    def add_names(self, names: list[Reference]) -> None:
        """Add what is not among the names yet."""
        self.names += [name for name in names if name not in self.names]


def read_contents(members: Members, platform: Platform) -> list[ArchivedImage]:
    """The images of an archive; `InputError` where it is none, or lacks a part of one.

    Where a name stands for images of several platforms, the one that fits `platform` best is taken.
    """
    index = read_document(members, "index.json")
    table = read_document(members, "manifest.json")
    if index is None and table is None:
        raise InputError(
            "this is no image archive: it has neither manifest.json nor index.json",
            hint="a root file system becomes an image by `dockerlang import`",
        )
    images: dict[Digest, ArchivedImage] = {}
    if index is not None:
        for image in _read_layout(members, index, platform):
            images.setdefault(image.config.digest, image).add_names(image.names)
    if table is not None:
        for image in _read_table(members, table):
            images.setdefault(image.config.digest, image).add_names(image.names)
    if not images:
        raise InputError("the archive holds no image")
    return list(images.values())


def read_one(
    members: Members, wanted: Digest | str, platform: Platform
) -> tuple[ArchivedImage | None, tuple[str, ...]]:
    """The image of an OCI layout with that digest or tag, without names; None, and the tags, where there is none."""
    raw = read_document(members, "index.json")
    if raw is None:
        raise InputError("this is no OCI layout: it has no index.json")
    index = parse_manifest(raw, media.OCI_INDEX)
    assert isinstance(index, Index)
    tags = [(descriptor, _tag(descriptor)) for descriptor in index.manifests if not descriptor.is_attestation]
    for descriptor, tag in tags:
        if wanted in (descriptor.digest, tag):
            return _read_image(members, descriptor, platform, _NESTING_LIMIT), ()
    return None, tuple(dict.fromkeys(tag or str(descriptor.digest) for descriptor, tag in tags))


def _tag(descriptor: Descriptor) -> str:
    """The tag that a layout gives an image: the annotation is one, or a whole name with one."""
    name = descriptor.annotations.get(REF_NAME) or descriptor.annotations.get(CONTAINERD_NAME, "")
    return name.rpartition("/")[2].rpartition(":")[2]


def _read_table(members: Members, table: bytes) -> Iterator[ArchivedImage]:
    """The images of docker's `manifest.json`: a list, which is wrapped to be read as strictly as any object."""
    document = Fields(
        read_object(b'{"images":%b}' % table, what="manifest.json", limit=DOCUMENT_LIMIT), "manifest.json"
    )
    for item in document.list_of_nested("images"):
        yield ArchivedImage(
            config=_member(members, item.text("Config")),
            layers=tuple(_member(members, name) for name in item.texts("Layers") or ()),
            names=[parse_reference(name).with_default_tag() for name in item.texts("RepoTags") or ()],
        )


def _read_layout(members: Members, raw: bytes, platform: Platform) -> Iterator[ArchivedImage]:
    index = parse_manifest(raw, media.OCI_INDEX)
    assert isinstance(index, Index)
    for descriptor in index.manifests:
        # A layout need not hold everything that it names: docker leaves out other platforms' manifests.
        if descriptor.is_attestation or members.get(_blob_name(descriptor.digest)) is None:
            continue
        image = _read_image(members, descriptor, platform, _NESTING_LIMIT)
        if image is not None:
            image.add_names(_names(descriptor))
            yield image


def _read_image(members: Members, descriptor: Descriptor, platform: Platform, depth: int) -> ArchivedImage | None:
    """The image that a descriptor leads to, in an index the one for `platform`; None for what is no image."""
    blob = _blob(members, descriptor)
    if descriptor.media_type not in media.MANIFESTS | media.INDEXES:
        return None
    manifest = parse_manifest(document(blob, str(descriptor.digest)), descriptor.media_type)
    if isinstance(manifest, Index):
        chosen = manifest.select(platform)
        if chosen is None or depth == 0:
            raise InputError(f"archive: the index {descriptor.digest} names no image for {platform}")
        return _read_image(members, chosen, platform, depth - 1)
    if manifest.config.media_type not in media.CONFIGS:
        return None
    return ArchivedImage(
        config=_blob(members, manifest.config),
        layers=tuple(_blob(members, layer) for layer in manifest.layers),
        manifest=manifest,
        manifest_blob=blob,
    )


def _names(descriptor: Descriptor) -> list[Reference]:
    """The names that an index gives: containerd's full one, or the layout's own where it is more than a tag."""
    name = descriptor.annotations.get(CONTAINERD_NAME) or descriptor.annotations.get(REF_NAME, "")
    if not any(separator in name for separator in ":/"):
        return []
    reference = parse_reference(name).with_default_tag()
    return [] if reference.digest else [reference]


def _member(members: Members, name: str) -> StagedBlob:
    blob = members.get(name)
    if blob is None:
        raise InputError(f"archive: {name!r} is missing")
    return blob


def _blob(members: Members, descriptor: Descriptor) -> StagedBlob:
    blob = _member(members, _blob_name(descriptor.digest))
    if (blob.digest, blob.size) != (descriptor.digest, descriptor.size):
        raise InputError(f"archive: the content of {descriptor.digest} is damaged")
    return blob


def _blob_name(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.hex}"
