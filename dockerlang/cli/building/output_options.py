"""What `--output`, `--push`, `--load`, `--annotation` and `--attest` say, as plain values."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from dockerlang.builder.outputs.output import Annotation, AnnotationPlace, Opener, Output, OutputKind
from dockerlang.errors import UsageError
from dockerlang.oci.compression import Compression
from dockerlang.oci.forms import LEVELS, Form
from dockerlang.oci.platform import parse_platform
from dockerlang.oci.reference import parse_reference

_TRUE, _FALSE = frozenset({"1", "t", "true"}), frozenset({"0", "f", "false"})
_COMPRESSIONS = {"uncompressed": Compression.NONE, "gzip": Compression.GZIP, "zstd": Compression.ZSTD}
_ANNOTATION = re.compile(r"annotation(?:-([a-z-]+))?(?:\[([^\]]+)\])?\.(.+)")
_PLACE = re.compile(r"([a-z-]+)(?:\[([^\]]+)\])?")
_FILES = frozenset({OutputKind.LOCAL, OutputKind.TAR})
_HINT = "such as --output type=oci,dest=app.tar or --output DIRECTORY"
# What changes nothing here: images are always unpacked when they are needed, and entered as they are.
_WITHOUT_EFFECT = frozenset({"unpack", "dangling-name-prefix", "context"})
_REFUSED = {
    "oci-artifact": "attestations, and what goes with them, are not made",
    "attestation-inline": "attestations are not made",
    "attestation-prefix": "attestations are not made",
    "prefer-nondist-layers": "layers of the deprecated kind are not made",
    "source-date-epoch": "the time belongs to the whole build; pass --build-arg SOURCE_DATE_EPOCH=...",
    "name-canonical": "names by digest are entered when an image is pushed",
    "compatibility-version": "there is one way in which images are written",
}


def parse_outputs(
    texts: Iterable[str], *, pushes: bool, loads: bool, annotations: Iterable[str] = ()
) -> tuple[Output, ...]:
    """The outputs in the order in which they were asked for; empty for the plain image in the store.

    Raises `UsageError` for what is not understood or cannot be honoured, `InputError` for names that are none.
    """
    found = [_output(text) for text in texts]
    if pushes:
        found.append(Output(OutputKind.IMAGE, pushes=True))
    noted = tuple(note for text in annotations for note in _annotations(text))
    if loads or (noted and not found):
        found.append(Output(OutputKind.IMAGE))
    if noted and all(output.kind in _FILES for output in found):
        raise UsageError("annotations are for images, and no output is one")
    from dockerlang.records import replace

    return tuple(
        output if output.kind in _FILES else replace(output, annotations=(*noted, *output.annotations))
        for output in found
    )


def refuse_attestations(provenance: str, sbom: str, attestations: Iterable[str]) -> None:
    """Raise `UsageError` unless all of these say "none"."""
    asked = [("--provenance", provenance), ("--sbom", sbom), *(("--attest", text) for text in attestations)]
    for option, text in asked:
        fields = dict(part.partition("=")[::2] for part in text.split(","))
        is_off = text.lower() in _FALSE or fields.get("disabled", "").lower() in _TRUE
        if text and not is_off:
            raise UsageError(
                f"{option}={text} cannot be honoured: attestations are not made",
                hint=f"leave it out, or {option}=false",
            )


def _output(text: str) -> Output:
    fields = _fields(text)
    kind_name = fields.pop("type", "")
    if not kind_name:
        raise UsageError(f"`--output {text}` has no type", hint=f"write it as type=...,dest=..., {_HINT}")
    pushes = False
    if kind_name == "registry":
        kind_name, pushes = "image", True
    try:
        kind = OutputKind(kind_name)
    except ValueError:
        kinds = ", ".join([*(kind.value for kind in OutputKind), "registry"])
        raise UsageError(f"there is no output of type `{kind_name}`", hint=f"there are {kinds}") from None
    reader = _Fields(kind, fields)
    output = reader.files() if kind in _FILES else reader.image(pushes=pushes)
    reader.end()
    return output


def _fields(text: str) -> dict[str, str]:
    if text == "-":
        return {"type": "tar", "dest": "-"}
    (row,) = csv.reader([text]) if text else [[]]
    if len(row) == 1 and "=" not in row[0]:
        return {"type": "local", "dest": row[0]}
    fields: dict[str, str] = {}
    for part in row:
        name, has_value, value = part.partition("=")
        if not has_value:
            raise UsageError(f"`--output {text}`: `{part}` is not NAME=VALUE", hint=_HINT)
        name = name.strip().lower() if not name.lower().startswith("annotation") else name.strip()
        fields[name] = value
    return fields


class _Fields:
    """The fields of one output; what nobody has asked for is an error in the end."""

    def __init__(self, kind: OutputKind, fields: dict[str, str]) -> None:
        self._kind = kind
        self._fields = fields

    def files(self) -> Output:
        """An output of files."""
        destination = self._destination()
        if not destination:
            raise UsageError(f"--output type={self._kind.value} needs dest=...", hint=_HINT)
        is_local = self._kind is OutputKind.LOCAL
        mode = self._fields.pop("mode", "copy") if is_local else "copy"
        if mode not in ("copy", "delete"):
            raise UsageError(f"mode={mode}: there are copy and delete")
        return Output(
            self._kind,
            open=None if is_local else _opener(destination),
            directory=Path(destination) if is_local else None,
            splits_platforms=self._optional_flag("platform-split"),
            removes_others=mode == "delete",
            epoch=self._epoch(),
            is_streamed=destination == "-" and not is_local,
        )

    def image(self, *, pushes: bool) -> Output:
        """An image, in the store or in an archive."""
        destination = self._destination()
        is_archive = self._flag("tar", default=True)
        kind = self._kind
        if kind is OutputKind.DOCKER and not destination:
            # Without a file, docker's own store is meant: here that is this one.
            kind = OutputKind.IMAGE
        if kind is OutputKind.OCI and not destination:
            destination = "-"
        if kind is OutputKind.IMAGE and destination:
            raise UsageError("an image goes to the store and has no dest", hint="type=oci,dest=FILE writes an archive")
        names = self._fields.pop("name", "")
        is_in_file = kind is not OutputKind.IMAGE
        return Output(
            kind,
            open=_opener(destination) if is_in_file and is_archive else None,
            directory=Path(destination) if is_in_file and not is_archive else None,
            names=tuple(parse_reference(name.strip()).with_default_tag() for name in names.split(",") if name),
            form=self._form(),
            recompresses=self._flag("force-compression"),
            uses_docker_types=not self._flag("oci-mediatypes", default=True),
            clamps_times=self._flag("rewrite-timestamp"),
            annotations=self._annotations(),
            pushes=self._flag("push") or pushes,
            pushes_by_digest=self._flag("push-by-digest"),
            insecure=self._flag("registry.insecure"),
            is_kept=self._flag("store", default=True),
            is_streamed=destination == "-" and is_archive,
        )

    def end(self) -> None:
        """Refuse what is left."""
        for name, value in self._fields.items():
            if name in _WITHOUT_EFFECT:
                continue
            if name in _REFUSED:
                if value.lower() in _FALSE:
                    continue
                raise UsageError(f"--output ...,{name}={value} cannot be honoured: {_REFUSED[name]}")
            raise UsageError(f"an output of type {self._kind.value} has no attribute `{name}`")

    def _destination(self) -> str:
        return self._fields.pop("dest", "")

    def _flag(self, name: str, *, default: bool = False) -> bool:
        found = self._optional_flag(name)
        return default if found is None else found

    def _optional_flag(self, name: str) -> bool | None:
        text = self._fields.pop(name, "")
        if not text:
            return None
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise UsageError(f"--output ...,{name}={text}: it is true or false")

    def _epoch(self) -> int | None:
        text = self._fields.pop("source-date-epoch", "")
        if text and not text.isdecimal():
            raise UsageError(f"source-date-epoch={text} is no number of seconds")
        return int(text) if text else None

    def _form(self) -> Form | None:
        name, level = self._fields.pop("compression", ""), self._fields.pop("compression-level", "")
        if name and name not in _COMPRESSIONS:
            raise UsageError(f"compression={name} cannot be honoured", hint=f"there are {', '.join(_COMPRESSIONS)}")
        if not name and not level:
            return None
        compression = _COMPRESSIONS[name or "gzip"]
        if not level:
            return Form(compression)
        levels = LEVELS[compression]
        if not level.isdecimal() or int(level) not in levels:
            reach = f"{levels.start} to {levels.stop - 1}" if levels else "none"
            raise UsageError(f"compression-level={level}: for {compression.value} there are the levels {reach}")
        return Form(compression, int(level))

    def _annotations(self) -> tuple[Annotation, ...]:
        found = []
        for key in [key for key in self._fields if _ANNOTATION.fullmatch(key)]:
            match = _ANNOTATION.fullmatch(key)
            assert match is not None
            place, platform, name = match.groups()
            found.append(_annotation(place or "manifest", platform, name, self._fields.pop(key)))
        return tuple(found)


def _annotations(text: str) -> Iterable[Annotation]:
    """`[TYPE[PLATFORM],...:]NAME=VALUE`."""
    key, has_value, value = text.partition("=")
    places, has_places, name = key.rpartition(":")
    if not has_value or not name:
        raise UsageError(f"`--annotation {text}` is not understood", hint="write [TYPE:]NAME=VALUE")
    for place in places.split(",") if has_places else ["manifest"]:
        match = _PLACE.fullmatch(place.strip())
        if match is None:
            raise UsageError(f"`--annotation {text}`: `{place}` is no place for annotations")
        yield _annotation(match[1], match[2], name, value)


def _annotation(place: str, platform: str | None, name: str, value: str) -> Annotation:
    try:
        found = AnnotationPlace(place)
    except ValueError:
        places = ", ".join(each.value for each in AnnotationPlace)
        raise UsageError(f"`{place}` is no place for annotations", hint=f"there are {places}") from None
    return Annotation(found, name, value, parse_platform(platform) if platform else None)


def _opener(destination: str) -> Opener:
    from dockerlang.cli.output.files import open_output

    if destination != "-":
        return partial(open_output, Path(destination))
    if sys.stdout.isatty():
        raise UsageError("an archive is not written to a terminal", hint="add dest=FILE, or redirect the output")
    return partial(open_output, None)
