"""The manifest of each built image, and the index over those of several platforms, with annotations."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlang.builder.outputs.built import BuiltImage
from dockerlang.builder.outputs.output import AnnotationPlace, Annotations, Output, OutputKind
from dockerlang.errors import UsageError
from dockerlang.oci import media
from dockerlang.oci.compression import Compression
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest
from dockerlang.oci.forms import Form
from dockerlang.oci.manifest import Index, Manifest
from dockerlang.records import record, replace
from dockerlang.store.forms import layer_in_form, stored_form
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage


@record
class Documents:
    """What is written of the images of one output: their manifests, in order, and the index where there is one."""

    images: tuple[StoredImage, ...]
    manifests: tuple[Manifest, ...]
    index: Index | None
    named: Descriptor
    """The document that a name means, with the annotations of its descriptor."""


def documents_of(
    operation: Operation, built: Sequence[BuiltImage], output: Output, form: Form | None, *, is_index: bool
) -> Documents:
    """The documents of an output whose layers are in `form`; None leaves them as the store has them.

    All that they name is in the store afterwards, and pinned. Raises `UsageError` for annotations and types that do not
    go together.
    """
    annotations = Annotations(output.annotations)
    if not is_index and any(
        annotations.at(place) for place in (AnnotationPlace.INDEX, AnnotationPlace.MANIFEST_DESCRIPTOR)
    ):
        raise UsageError(
            "annotations of an index need one, and there is a single image",
            hint="build for several platforms, or set the build argument BUILDKIT_MULTI_PLATFORM=1",
        )
    manifests = tuple(_manifest(operation, image, output, form, annotations) for image in built)
    images = tuple(image.image for image in built)
    extra = annotations.at(AnnotationPlace.INDEX_DESCRIPTOR)
    if not is_index:
        return Documents(images, manifests, None, replace(manifests[0].descriptor, annotations=extra))
    parts = [
        replace(
            manifest.descriptor,
            platform=image.platform,
            annotations=annotations.at(AnnotationPlace.MANIFEST_DESCRIPTOR, image.platform),
        )
        for manifest, image in zip(manifests, built, strict=True)
    ]
    index = Index.build(
        parts,
        media_type=media.DOCKER_INDEX if output.uses_docker_types else media.OCI_INDEX,
        annotations=annotations.at(AnnotationPlace.INDEX),
    )
    return Documents(images, manifests, index, replace(index.descriptor, annotations=extra))


def _manifest(
    operation: Operation, built: BuiltImage, output: Output, form: Form | None, annotations: Annotations
) -> Manifest:
    image = built.image
    layers = [
        _layer(operation, layer, form, keeps_compressed=number < built.base_layers and not output.recompresses)
        for number, layer in enumerate(image.diff_ids)
    ]
    config = Descriptor(media.OCI_CONFIG, image.id, len(image.config_bytes))
    media_type = media.OCI_MANIFEST
    if output.uses_docker_types:
        config, layers, media_type = _docker_type(config), list(map(_docker_type, layers)), media.DOCKER_MANIFEST
    noted = annotations.at(AnnotationPlace.MANIFEST, built.platform)
    return Manifest.build(config, layers, media_type=media_type, annotations=noted)


def _layer(operation: Operation, layer: Digest, form: Form | None, *, keeps_compressed: bool) -> Descriptor:
    if form is None:
        return stored_form(operation, layer)
    return layer_in_form(operation, layer, form, keeps_compressed=keeps_compressed)


def _docker_type(descriptor: Descriptor) -> Descriptor:
    media_type = media.TO_DOCKER.get(descriptor.media_type)
    if media_type is None:
        raise UsageError(
            f"docker's media types have none for {descriptor.media_type}", hint="leave out oci-mediatypes=false"
        )
    return replace(descriptor, media_type=media_type)


def is_plain(output: Output) -> bool:
    """Whether the store's own manifest of an image is what the output asks for."""
    return (
        output.kind is OutputKind.IMAGE
        and not output.annotations
        and not output.uses_docker_types
        and (output.form is None or output.form == Form(Compression.NONE))
        and not output.recompresses
    )
