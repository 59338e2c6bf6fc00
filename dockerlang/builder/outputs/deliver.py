"""Hands a build's images out, as every output asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from dockerlang.builder.outputs.built import BuiltImage
from dockerlang.builder.outputs.directory import write_directory
from dockerlang.builder.outputs.documents import Documents, documents_of, is_plain
from dockerlang.builder.outputs.image_layout import saved_image, write_image_archive, write_image_layout
from dockerlang.builder.outputs.output import Output, OutputKind
from dockerlang.builder.outputs.root_files import directory_entry, root_files, write_root_archive
from dockerlang.builder.outputs.timestamps import with_clamped_times
from dockerlang.errors import UsageError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.forms import GZIP
from dockerlang.oci.platform import best_match, host_platform
from dockerlang.oci.reference import Reference
from dockerlang.oci.tar import TarWriter
from dockerlang.records import record
from dockerlang.store.documents import NamedDocument, keep_document, name_document
from dockerlang.store.manifests import present_manifest
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage

Push = Callable[[Operation, NamedDocument, Reference, Output], None]
"""Sends a document with all that it names to the registry of a reference."""


@record
class Delivery:
    """What became of a build: its image here, and the document that others know it by, if one was made."""

    image: StoredImage
    document: Descriptor | None


def deliver(
    operation: Operation,
    built: Sequence[BuiltImage],
    outputs: Sequence[Output],
    tags: Sequence[Reference],
    push: Push | None,
    *,
    is_index: bool,
) -> Delivery:
    """Write every output, in order. `is_index` joins even a single image in an index.

    Raises `UsageError` for what cannot be, `OutputFailed` for what cannot be written, and what `push` raises.
    """
    delivery = Delivery(_main(built).image, None)
    for output in outputs:
        images = [with_clamped_times(operation, image) for image in built] if output.clamps_times else list(built)
        names = tuple(dict.fromkeys((*tags, *output.names)))
        match output.kind:
            case OutputKind.IMAGE:
                delivery = _deliver_image(operation, images, output, names, push, is_index=is_index)
            case OutputKind.OCI | OutputKind.DOCKER:
                delivery = _deliver_layout(operation, images, output, names, is_index=is_index)
            case OutputKind.LOCAL:
                _write_directories(operation, images, output, is_index=is_index)
            case OutputKind.TAR:
                _write_archive(operation, images, output, is_index=is_index)
    return delivery


def _main(built: Sequence[BuiltImage]) -> BuiltImage:
    """The image that a name means on this machine."""
    return built[best_match(host_platform(), tuple(image.platform for image in built)) or 0]


def _deliver_image(
    operation: Operation,
    built: Sequence[BuiltImage],
    output: Output,
    names: Sequence[Reference],
    push: Push | None,
    *,
    is_index: bool,
) -> Delivery:
    main = _main(built).image
    document: Descriptor | None = None
    if output.is_kept and is_plain(output) and not is_index:
        operation.add_image(main.config_bytes, parent=main.parent)
        for name in names:
            operation.tag(name, main)
        if not names:
            keep_document(operation, main, _named(documents_of(operation, built, output, None, is_index=False)))
        document = _plain_document(operation, main)
    elif output.is_kept:
        made = documents_of(operation, built, output, output.form, is_index=is_index)
        document = made.named
        for name in names:
            name_document(operation, name, main, _named(made))
        if not names:
            keep_document(operation, main, _named(made))
    if output.pushes:
        if not names:
            raise UsageError("an image without a name cannot be pushed", hint="name it: -t REGISTRY/NAME:TAG")
        assert push is not None
        made = documents_of(operation, built, output, output.form or GZIP, is_index=is_index)
        for name in names:
            push(operation, _named(made), name, output)
        document = made.named
    return Delivery(main, document)


def _plain_document(operation: Operation, image: StoredImage) -> Descriptor | None:
    with operation.store.database.read() as connection:
        return present_manifest(connection, operation.store.layout, image.id)


def _named(documents: Documents) -> NamedDocument:
    return NamedDocument(tuple(zip(documents.images, documents.manifests, strict=True)), documents.index)


def _deliver_layout(
    operation: Operation, built: Sequence[BuiltImage], output: Output, names: Sequence[Reference], *, is_index: bool
) -> Delivery:
    form = output.form or (GZIP if output.kind is OutputKind.OCI else None)
    made = documents_of(operation, built, output, form, is_index=is_index)
    saved = saved_image(made, names)
    layout = operation.store.layout
    if output.directory is not None:
        write_image_layout(layout, saved, output.directory)
    else:
        assert output.open is not None
        with output.open() as stream:
            write_image_archive(layout, saved, stream)
    return Delivery(_main(built).image, made.named)


def _splits(built: Sequence[BuiltImage], output: Output, *, is_index: bool) -> bool:
    if output.splits_platforms is None:
        return is_index
    if not output.splits_platforms and len(built) > 1:
        raise UsageError("several platforms cannot be written into one directory", hint="leave out platform-split")
    return output.splits_platforms


def _write_directories(operation: Operation, built: Sequence[BuiltImage], output: Output, *, is_index: bool) -> None:
    assert output.directory is not None
    splits = _splits(built, output, is_index=is_index)
    for image in built:
        target = output.directory / image.directory if splits else output.directory
        with root_files(operation.store, image.image, _epoch(image, output)) as files:
            write_directory(files, target, removes_others=output.removes_others)


def _write_archive(operation: Operation, built: Sequence[BuiltImage], output: Output, *, is_index: bool) -> None:
    assert output.open is not None
    splits = _splits(built, output, is_index=is_index)
    with ExitStack() as stack:
        tar = TarWriter(stack.enter_context(output.open()))
        for image in sorted(built, key=lambda image: image.directory) if splits else built:
            epoch = _epoch(image, output)
            prefix = image.directory.encode() if splits else b""
            if prefix:
                tar.add(directory_entry(prefix, epoch))
            files = stack.enter_context(root_files(operation.store, image.image, epoch))
            write_root_archive(files, tar, prefix)
        tar.close()


def _epoch(image: BuiltImage, output: Output) -> int | None:
    return image.epoch if output.epoch is None else output.epoch
