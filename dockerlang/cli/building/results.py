"""What becomes of the image: its names, where it goes, and the files that say which one it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.errors import InputError
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.build import BuildResult
    from dockerlang.builder.outputs.deliver import Push
    from dockerlang.builder.outputs.output import Output
    from dockerlang.oci.reference import Reference
    from dockerlang.store.documents import NamedDocument
    from dockerlang.store.operation import Operation

_FILE = click.Path(dir_okay=False, path_type=Path)
options = declare(
    click.option("-t", "--tag", "tags", multiple=True, metavar="NAME[:TAG]", help="Name the image. May be repeated."),
    click.option(
        "-o", "--output", "output_texts", multiple=True, metavar="DIRECTORY|-|type=TYPE[,dest=PATH][,NAME=VALUE...]",
        help="Where the result goes: local or tar (its files), oci or docker (an archive), image, registry. May be"
        " repeated.  [default: an image in the store]",
    ),
    click.option("--push", is_flag=True, help="Push the image to the registries of its names; type=registry."),
    click.option("--load", is_flag=True, help="Put the image into the store, beside other outputs."),
    click.option(
        "--annotation", "annotations", multiple=True, metavar="[TYPE:]NAME=VALUE",
        help="Annotate the manifest, or the index, manifest-descriptor or index-descriptor. May be repeated.",
    ),
    click.option("--squash", is_flag=True, help="Make one layer of all that the build adds to its base image."),
    click.option("--provenance", default="", metavar="false", help="Attestations are not made; false is accepted."),
    click.option("--sbom", default="", metavar="false", help="Attestations are not made; false is accepted."),
    click.option("--attest", "attestations", multiple=True, hidden=True),
    click.option("--iidfile", type=_FILE, help="Write the image's ID to this file."),
    click.option("--metadata-file", type=_FILE, help="Write the digests of the result to this file, as JSON."),
)  # fmt: skip


@record
class Results:
    """The values of these options."""

    tags: tuple[str, ...]
    output_texts: tuple[str, ...]
    push: bool
    load: bool
    annotations: tuple[str, ...]
    squash: bool
    provenance: str
    sbom: str
    attestations: tuple[str, ...]
    iidfile: Path | None
    metadata_file: Path | None

    def references(self) -> tuple[Reference, ...]:
        """The names of the image, normalised. Raises `InputError` for one that is none."""
        from dockerlang.oci.reference import parse_reference

        return tuple(parse_reference(tag).with_default_tag() for tag in self.tags)

    def outputs(self) -> tuple[Output, ...]:
        """What was asked for; empty for the plain image in the store. Raises `UsageError`."""
        asked = (*self.output_texts, *self.annotations, *self.attestations, self.provenance, self.sbom)
        if not (any(asked) or self.push or self.load or self.metadata_file):
            return ()
        from dockerlang.cli.building.output_options import parse_outputs, refuse_attestations

        refuse_attestations(self.provenance, self.sbom, self.attestations)
        loads = self.load or (self.metadata_file is not None and not (self.output_texts or self.push))
        return parse_outputs(self.output_texts, pushes=self.push, loads=loads, annotations=self.annotations)

    def pusher(self) -> Push | None:
        """Pushes an image to a registry; None where nothing is pushed."""
        is_asked = self.push or any("push" in text or "registry" in text for text in self.output_texts)
        return _push if is_asked else None

    def writes_to_standard_output(self) -> bool:
        """Whether an archive goes where the ID of the image would be printed."""
        return any(output.open is not None and output.is_streamed for output in self.outputs())

    def prepare_files(self) -> None:
        """Refuse files that could not be written after a long build; an old ID must not outlive a build that fails."""
        for path in (self.iidfile, self.metadata_file):
            if path is not None and not path.absolute().parent.is_dir():
                raise InputError(f"cannot write {path}: there is no directory {path.parent}", hint="make it first")
        if self.iidfile is not None and self.iidfile.is_file():
            self.iidfile.unlink()

    def write_files(self, result: BuildResult) -> None:
        """Write what was asked for beside the image. Raises `InputError` where that cannot be."""
        from dockerlang.cli.output.files import open_output

        if self.iidfile is not None:
            with open_output(self.iidfile) as file:
                file.write(str(result.image.id).encode())
        if self.metadata_file is not None:
            with open_output(self.metadata_file) as file:
                file.write(self._metadata(result))

    def _metadata(self, result: BuildResult) -> bytes:
        import json

        metadata: dict[str, object] = {"buildx.build.ref": f"dockerlang/{result.build}"}
        if result.document is not None:
            metadata |= {
                "containerimage.config.digest": str(result.image.id),
                "containerimage.descriptor": result.document.to_json(),
                "containerimage.digest": str(result.document.digest),
            }
        if self.tags:
            metadata["image.name"] = ",".join(str(reference) for reference in self.references())
        return json.dumps(metadata, indent=2).encode() + b"\n"


def _push(operation: Operation, document: NamedDocument, reference: Reference, output: Output) -> None:
    from dockerlang.cli.registries import open_registries
    from dockerlang.images.push import push_document

    insecure = (reference.domain,) if output.insecure else ()
    with open_registries(insecure) as registries:
        push_document(operation, registries, document, reference, by_digest=output.pushes_by_digest)
