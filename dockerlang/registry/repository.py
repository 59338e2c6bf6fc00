"""A repository in a registry: its manifests and tags, read and written (OCI distribution specification 1.1).

What comes is checked before it is used: size, digest, and that a document is what its transport calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from dockerlang.errors import InputError, LimitError
from dockerlang.oci import media
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.document import Fields, read_object
from dockerlang.oci.manifest import MANIFEST_LIMIT, Index, Manifest, parse_manifest
from dockerlang.oci.reference import Reference
from dockerlang.records import record, replace
from dockerlang.registry.errors import (
    ConnectionFailure,
    DeniedError,
    NotInRegistryError,
    RegistryError,
    UnauthorizedError,
)
from dockerlang.registry.host import RegistryHost
from dockerlang.registry.tokens import Scopes
from dockerlang.registry.transport import LONGEST_WAIT, Reply, backoff, retry_after

_ACCEPTED = ", ".join(
    (media.OCI_INDEX, media.DOCKER_INDEX, media.OCI_MANIFEST, media.DOCKER_MANIFEST, *sorted(media.SCHEMA_1))
)
_KNOWN_TYPES = media.MANIFESTS | media.INDEXES | media.SCHEMA_1
_TAG_PAGE = 1000
_TAG_PAGES = 1000
_TAG_LIMIT = 16 << 20


@record
class FetchedManifest:
    """A manifest or index as it came, with the digest that names it."""

    digest: Digest
    document: Manifest | Index


class Repository:
    """The repository of a reference (its tag and digest do not count) at a registry's host."""

    def __init__(self, host: RegistryHost, name: Reference) -> None:
        self.host = host
        self.name = Reference(name.domain, name.path)
        self.path = f"/v2/{name.path}"

    @property
    def pull_scopes(self) -> Scopes:
        """What a token must allow for reading."""
        return frozenset({f"repository:{self.name.path}:pull"})

    @property
    def push_scopes(self) -> Scopes:
        """What a token must allow for writing."""
        return frozenset({f"repository:{self.name.path}:pull,push"})

    def manifest(self, wanted: str | Digest) -> FetchedManifest:
        """The manifest or index of a tag or digest.

        Raises `NotInRegistryError`, `UnauthorizedError`, `DeniedError`, `InputError` for a document that is damaged or
        of schema 1, `LimitError` for one over 4 MiB.
        """
        shown = self.shown(wanted)
        try:
            reply, raw = self._read(
                f"{self.path}/manifests/{wanted}", f"manifest for {shown}", MANIFEST_LIMIT, {"Accept": _ACCEPTED}
            )
        except LimitError:
            raise LimitError(f"{shown}: its manifest has more than {MANIFEST_LIMIT >> 20} MiB") from None
        self._verify(reply, raw, wanted, shown)
        media_type = reply.header("Content-Type").partition(";")[0].strip()
        try:
            document = parse_manifest(raw, media_type if media_type in _KNOWN_TYPES else "")
        except InputError as error:
            raise type(error)(f"{shown}: {error}", hint=error.hint) from None
        return FetchedManifest(sha256_of(raw), document)

    def put_manifest(self, manifest: Manifest | Index, wanted: str | Digest) -> Digest:
        """Write a manifest under a tag or its digest; what it names must be there. Its digest.

        One that refers to another is noted under the tag for that where the registry keeps no such list itself.
        """
        reply = self.host.request(
            "PUT",
            f"{self.path}/manifests/{wanted}",
            self.push_scopes,
            headers={"Content-Type": manifest.media_type},
            body=lambda: iter((manifest.raw,)),
            length=len(manifest.raw),
        )
        if reply.status not in (200, 201, 202):
            self.fail(reply, f"manifest for {self.shown(wanted)}", verb="push")
        announced = reply.header("Docker-Content-Digest")
        keeps_referrers = bool(reply.header("OCI-Subject"))
        reply.finish()
        if announced and announced != str(manifest.digest):
            raise RegistryError(f"{self.shown(wanted)}: {self.name.domain} took it in as {announced}, which it is not")
        if manifest.subject is not None and not keeps_referrers:
            self._note_referrer(manifest, manifest.subject.digest)
        return manifest.digest

    def tags(self) -> tuple[str, ...]:
        """All tags, sorted. Pages are followed as the registry links them."""
        tags: set[str] = set()
        target = f"{self.path}/tags/list?n={_TAG_PAGE}"
        for _ in range(_TAG_PAGES):
            reply, raw = self._read(target, f"repository {self.name.familiar}", _TAG_LIMIT)
            what = f"the tags of {self.name.familiar}"
            fields = Fields(read_object(raw, what=what, limit=_TAG_LIMIT), what)
            tags.update(fields.texts("tags") or ())
            following = next_page(reply)
            if not following or following == target:
                return tuple(sorted(tags))
            target = following
        raise LimitError(f"{self.name.familiar}: more than {_TAG_PAGES} pages of tags")

    def referrers(self, subject: Digest, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """What refers to a manifest, such as signatures and bills of materials; of one type, if that is given.

        A registry without the list is asked for the tag that stands in for it ("Referrers Tag Schema").
        """
        found: list[Descriptor] = []
        query = f"?artifactType={quote(artifact_type, safe='')}" if artifact_type else ""
        target = f"{self.path}/referrers/{subject}{query}"
        for _ in range(_TAG_PAGES):
            try:
                reply, raw = self._read(target, f"referrers of {self.shown(subject)}", MANIFEST_LIMIT)
            except NotInRegistryError:
                found = list(self._tagged_referrers(subject))
                break
            index = parse_manifest(raw, media.OCI_INDEX)
            assert isinstance(index, Index)
            found += index.manifests
            following = next_page(reply)
            if not following or following == target:
                break
            target = following
        return tuple(item for item in found if not artifact_type or item.artifact_type == artifact_type)

    def shown(self, wanted: str | Digest) -> str:
        """The repository with a tag or digest, as messages name it."""
        return f"{self.name.familiar}@{wanted}" if isinstance(wanted, Digest) else f"{self.name.familiar}:{wanted}"

    def fail(self, reply: Reply, what: str, verb: str = "pull") -> NoReturn:
        """Raise the error for an answer that was not the hoped for: what it is about, who refuses, what to do next."""
        registry, repository = self.name.domain, self.name.familiar
        credentials = self.host.authorizer.credentials
        reason = reply.reason()
        said = f": {reason}" if reason else ""
        login = "`dockerlang login`" if registry == "docker.io" else f"`dockerlang login {registry}`"
        match reply.status:
            case 404:
                raise NotInRegistryError(
                    f"{what} not found{said}",
                    hint=f"check the spelling; `dockerlang search --list-tags {repository}` lists the tags",
                )
            case 401 if credentials is None:
                raise UnauthorizedError(
                    f"{verb} access denied for {repository}: {registry} asks who you are{said}",
                    hint=f"{login} first; the repository may also not exist",
                )
            case 401:
                raise UnauthorizedError(
                    f"{verb} access denied for {repository}: {registry} does not accept the stored credentials{said}",
                    hint=f"{login} again",
                )
            case 403:
                raise DeniedError(
                    f"{verb} access denied for {repository}: {registry} does not allow it to this account{said}",
                    hint=f"ask its owner for the right to {verb}, or {login} as somebody else",
                )
            case 429:
                wait = retry_after(reply.header("Retry-After"))
                hint = f"it asks to wait {wait:.0f} s" if wait is not None and wait > LONGEST_WAIT else "wait a while"
                raise RegistryError(f"{what}: {registry} gets too many requests{said}", hint=hint)
        raise RegistryError(f"{what}: {registry} answered {reply.status}{said}")

    def _read(
        self, target: str, what: str, limit: int, headers: Mapping[str, str] | None = None
    ) -> tuple[Reply, bytes]:
        """The answer with its whole body, asked for again where the line is cut; raises for another status than 200.

        A body under a transfer coding counts as what it decodes to.
        """
        failures = 0
        while True:
            reply = self.host.request("GET", target, self.pull_scopes, headers=headers)
            if reply.status != 200:
                self.fail(reply, what)
            try:
                return reply, reply.read(limit, decode=True)
            except ConnectionFailure as error:
                failures += 1
                transport = self.host.transport
                if failures >= transport.attempts:
                    raise
                wait = backoff(failures)
                transport.notify(f"{error}; trying again in {wait:.0f} s")
                transport.pause(wait)

    def _tagged_referrers(self, subject: Digest) -> tuple[Descriptor, ...]:
        try:
            document = self.manifest(_referrers_tag(subject)).document
        except NotInRegistryError:
            return ()
        return document.manifests if isinstance(document, Index) else ()

    def _note_referrer(self, manifest: Manifest | Index, subject: Digest) -> None:
        known = self._tagged_referrers(subject)
        if any(item.digest == manifest.digest for item in known):
            return
        kind = manifest.artifact_type or (manifest.config.media_type if isinstance(manifest, Manifest) else "")
        noted = replace(manifest.descriptor, artifact_type=kind, annotations=manifest.annotations)
        self.put_manifest(Index.build([*known, noted]), _referrers_tag(subject))

    def _verify(self, reply: Reply, raw: bytes, wanted: str | Digest, shown: str) -> None:
        if isinstance(wanted, Digest):
            if not wanted.names(raw):
                raise InputError(f"{shown}: {self.name.domain} sent a manifest with the digest {sha256_of(raw)}")
            return
        announced = reply.header("Docker-Content-Digest")
        if announced.startswith("sha256:") and announced != str(sha256_of(raw)):
            raise InputError(f"{shown}: the manifest came damaged: {announced} was announced, {sha256_of(raw)} came")


def _referrers_tag(subject: Digest) -> str:
    return f"{subject.algorithm}-{subject.hex}"[:128]


def next_page(reply: Reply) -> str:
    """The address of the next page, from `Link: <..>; rel="next"` (RFC 8288); empty on the last."""
    for header in reply.headers("Link"):
        target, _, parameters = header.partition(">")
        if target.lstrip().startswith("<") and "next" in parameters:
            url = urljoin(reply.url, target.strip().removeprefix("<"))
            here, there = urlsplit(reply.url), urlsplit(url)
            # A link names a page of this very list; anything else it says is not followed.
            if here.netloc == there.netloc and parse_qs(there.query):
                return f"{quote(there.path, safe='/%:@')}?{there.query}"
    return ""
