"""What images an archive holds: docker's `manifest.json`, an OCI layout's `index.json`, or both saying the same.

Where both are there, the OCI manifests count, because they keep their digests through save and load; names come from
both. Image layout specification 1.1; docker's formats as of docker 1.10 (a directory a layer) and 25 (blobs).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


@dataclass(slots=True)
class ArchivedIndex:
    """An index over several images of an archive, which have no names of their own by it."""

    index: Index
    images: list[ArchivedImage]
    names: list[Reference]


@dataclass(slots=True)
class Contents:
    """What an archive holds."""

    images: list[ArchivedImage]
    indexes: list[ArchivedIndex]


def read_contents(members: Members, platforms: Sequence[Platform] = ()) -> Contents:
    """The images of an archive; `InputError` where it is none, or lacks a part of one.

    Where a name stands for images of several platforms, those for `platforms` are taken, or all that are there.
    """
    index = read_document(members, "index.json")
    table = read_document(members, "manifest.json")
    if index is None and table is None:
        raise InputError(
            "this is no image archive: it has neither manifest.json nor index.json",
            hint="a root file system becomes an image by `dockerlang import`",
        )
    images: dict[Digest, ArchivedImage] = {}
    indexes: list[ArchivedIndex] = []
    if index is not None:
        for found in _read_layout(members, index, platforms):
            if isinstance(found, ArchivedIndex):
                found.images = [images.setdefault(image.config.digest, image) for image in found.images]
                indexes.append(found)
            else:
                images.setdefault(found.config.digest, found).add_names(found.names)
    if table is not None:
        # Whoever cannot read the index finds one of its images under the same name there.
        settled = {name for image in images.values() for name in image.names}
        settled |= {name for archived in indexes for name in archived.names}
        for image in _read_table(members, table):
            names = [name for name in image.names if name not in settled]
            if names or not image.names or image.config.digest in images:
                image.names = []
                images.setdefault(image.config.digest, image).add_names(names)
    if not images:
        raise InputError("the archive holds no image")
    return Contents(list(images.values()), indexes)


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
            if descriptor.media_type in media.INDEXES:
                return _read_index(members, descriptor, [platform]).images[0], ()
            return _read_image(members, descriptor), ()
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


def _read_layout(
    members: Members, raw: bytes, platforms: Sequence[Platform]
) -> Iterator[ArchivedImage | ArchivedIndex]:
    index = parse_manifest(raw, media.OCI_INDEX)
    assert isinstance(index, Index)
    groups: dict[Digest, ArchivedIndex] = {}
    for descriptor in index.manifests:
        # A layout need not hold everything that it names: docker leaves out other platforms' manifests.
        if descriptor.is_attestation or _is_missing(members, descriptor):
            continue
        if descriptor.media_type in media.INDEXES:
            group = groups.get(descriptor.digest) or _read_index(members, descriptor, platforms)
            if descriptor.digest not in groups and len(group.images) > 1:
                groups[descriptor.digest] = group
                yield group
            if len(group.images) > 1:
                group.names += [name for name in _names(descriptor) if name not in group.names]
                continue
            image: ArchivedImage | None = group.images[0]
        else:
            image = _read_image(members, descriptor)
        if image is not None:
            image.add_names(_names(descriptor))
            yield image


def _read_index(members: Members, descriptor: Descriptor, platforms: Sequence[Platform]) -> ArchivedIndex:
    """The wanted images that an index leads to, also by indexes in it; of none it is an error."""
    index = parse_manifest(document(_blob(members, descriptor), str(descriptor.digest)), descriptor.media_type)
    assert isinstance(index, Index)
    parts = _parts(members, index, _NESTING_LIMIT)
    if platforms:
        flat = Index.build(parts)
        chosen = [(platform, flat.select(platform)) for platform in platforms]
        missing = [str(platform) for platform, part in chosen if part is None]
        if missing:
            raise InputError(f"archive: the index {descriptor.digest} names no image for {', '.join(missing)}")
        parts = list({part.digest: part for _, part in chosen if part is not None}.values())
    images = [image for part in parts if (image := _read_image(members, part)) is not None]
    if not images:
        raise InputError(f"archive: the index {descriptor.digest} names no image that is there")
    return ArchivedIndex(index, images, [])


def _parts(members: Members, index: Index, depth: int) -> list[Descriptor]:
    """The manifests of an index that are there, those of indexes in it included."""
    found: list[Descriptor] = []
    for part in index.manifests:
        if part.is_attestation or _is_missing(members, part):
            continue
        if part.media_type not in media.INDEXES:
            found.append(part)
        elif depth:
            inner = parse_manifest(document(_blob(members, part), str(part.digest)), part.media_type)
            assert isinstance(inner, Index)
            found += _parts(members, inner, depth - 1)
    return found


def _read_image(members: Members, descriptor: Descriptor) -> ArchivedImage | None:
    """The image of a manifest; None for what is no image."""
    blob = _blob(members, descriptor)
    if descriptor.media_type not in media.MANIFESTS:
        return None
    manifest = parse_manifest(document(blob, str(descriptor.digest)), descriptor.media_type)
    if isinstance(manifest, Index) or manifest.config.media_type not in media.CONFIGS:
        return None
    return ArchivedImage(
        config=_blob(members, manifest.config),
        layers=tuple(_blob(members, layer) for layer in manifest.layers),
        manifest=manifest,
        manifest_blob=blob,
    )


def _is_missing(members: Members, descriptor: Descriptor) -> bool:
    return members.get(_blob_name(descriptor.digest)) is None


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
