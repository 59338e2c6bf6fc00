"""Descriptors: how a manifest or an index points at content (OCI image specification, "OCI Content Descriptors")."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import field

from dockerlang.errors import InputError
from dockerlang.oci import media
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.document import Fields, without_empty
from dockerlang.oci.platform import Platform
from dockerlang.records import record

ATTESTATION_ANNOTATION = "vnd.docker.reference.type"


@record
class Descriptor:
    """The type, digest and size in bytes of some content, and what is said about it.

    `data` is the content itself where it is embedded. `extra` holds the fields that the specification does not name.
    """

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    platform: Platform | None = None
    urls: tuple[str, ...] = ()
    data: bytes | None = None
    artifact_type: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def of(media_type: str, content: bytes) -> Descriptor:
        """The descriptor of `content`."""
        return Descriptor(media_type, sha256_of(content), len(content))

    @staticmethod
    def from_json(value: object, what: str = "descriptor") -> Descriptor:
        """The descriptor in a parsed JSON object, which is called `what` in errors."""
        return read_descriptor(Fields(value, what))

    @property
    def is_attestation(self) -> bool:
        """Whether this is BuildKit's note about another image and not an image to choose."""
        return self.annotations.get(ATTESTATION_ANNOTATION) == "attestation-manifest"

    def to_json(self) -> dict[str, object]:
        """The descriptor as a JSON object, fields in the specification's order."""
        pairs: list[tuple[str, object]] = [
            ("urls", list(self.urls)),
            ("annotations", dict(sorted(self.annotations.items()))),
            ("data", "" if self.data is None else b64encode(self.data).decode("ascii")),
            ("platform", None if self.platform is None else _platform_to_json(self.platform)),
            ("artifactType", self.artifact_type),
        ]
        required = {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size}
        return required | without_empty(pairs) | dict(self.extra)

    def check(self, content: bytes) -> bytes:
        """`content` itself, if it is what the descriptor names; `InputError` otherwise. Size counts before digest."""
        if len(content) != self.size:
            raise InputError(f"{self.digest}: {self.size} bytes were promised, {len(content)} came")
        if not self.digest.names(content):
            raise InputError(f"{self.digest}: the content that came has another digest")
        return content


EMPTY = Descriptor.of(media.OCI_EMPTY, b"{}")


def read_descriptor(fields: Fields) -> Descriptor:
    """The descriptor that `fields` hold; `InputError` names what is wrong."""
    media_type, digest, size = fields.text("mediaType"), fields.text("digest"), fields.integer("size")
    if not digest:
        fields.refuse("digest", "there")
    if size is None or size < 0:
        fields.refuse("size", "a number of bytes")
    platform = fields.nested("platform")
    return Descriptor(
        media_type=media_type,
        digest=Digest.parse(digest),
        size=size,
        annotations=fields.mapping("annotations"),
        platform=None if platform is None else _read_platform(platform),
        urls=fields.texts("urls") or (),
        data=_embedded(fields),
        artifact_type=fields.text("artifactType"),
        extra=fields.rest,
    )


def _embedded(fields: Fields) -> bytes | None:
    text = fields.text("data")
    if not text:
        return None
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        fields.refuse("data", "base64")


def _read_platform(fields: Fields) -> Platform:
    return Platform(
        os=fields.text("os"),
        architecture=fields.text("architecture"),
        variant=fields.text("variant"),
        os_version=fields.text("os.version"),
    )


def _platform_to_json(platform: Platform) -> dict[str, object]:
    optional = without_empty([("os.version", platform.os_version), ("variant", platform.variant)])
    return {"architecture": platform.architecture, "os": platform.os} | optional
