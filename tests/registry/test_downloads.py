"""Reading from a registry that misbehaves."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dockerlang.errors import DockerlangError, InputError, LimitError
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.digest import Digest, sha256_of
from dockerlang.oci.platform import Platform, parse_platform
from dockerlang.oci.reference import Reference, parse_reference
from dockerlang.registry.credentials import Credentials
from dockerlang.registry.downloads import download
from dockerlang.registry.errors import DeniedError, NotInRegistryError, RegistryError, UnauthorizedError
from dockerlang.registry.image import NotAnImageError
from dockerlang.registry.registry import Registries
from tests.registry.fake_registry import FakeRegistry, digest_of, serving
from tests.registry.images import INDEX, client, descriptor, publish

AMD64 = Platform("linux", "amd64")
DATA = bytes(range(256)) * 1024  # 256 KiB


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def registries(notes: list[str], waits: list[float]) -> Iterator[Registries]:
    with client(notes=notes, waits=waits) as opened:
        yield opened


def name(registry: FakeRegistry, tag: str = "1", repository: str = "team/app") -> Reference:
    return parse_reference(f"{registry.address}/{repository}:{tag}")


def fetched(registries: Registries, registry: FakeRegistry, data: bytes = DATA) -> bytes:
    """A blob of the registry, by way of a descriptor that tells the truth about `data`."""
    repository = registries.repository(name(registry))
    return b"".join(download(repository, Descriptor("application/octet-stream", sha256_of(data), len(data))))


def ranges(registry: FakeRegistry) -> list[str]:
    return [asked.headers.get("Range", "") for asked in registry.requests if "/blobs/" in asked.path]


def test_a_manifest_is_kept_byte_for_byte(registry: FakeRegistry, registries: Registries) -> None:
    for is_docker in (False, True):
        published = publish(registry, is_docker=is_docker)
        image = registries.image(name(registry), AMD64)
        assert image.manifest.raw == published.manifest
        assert str(image.digest) == published.digest
        assert image.config() == published.config


def test_no_ping_goes_before_the_first_request_but_to_find_out_about_tls(
    registry: FakeRegistry, registries: Registries
) -> None:
    publish(registry)
    registries.image(name(registry), AMD64)
    assert registry.paths("GET") == ["/v2/team/app/manifests/1"]


@pytest.mark.parametrize("step", [1000, 64 * 1024, len(DATA) - 1])
def test_a_cut_download_goes_on_where_it_stopped(
    registry: FakeRegistry, registries: Registries, waits: list[float], step: int
) -> None:
    registry.add_blob("team/app", DATA)
    registry.faults.cut_every = step
    assert fetched(registries, registry) == DATA
    expected = [f"bytes={start}-" for start in range(step, len(DATA), step)]
    assert ranges(registry) == ["", *expected]
    assert len(waits) == len(expected)


def test_a_server_without_ranges_is_read_from_the_start_again(registry: FakeRegistry, registries: Registries) -> None:
    registry.add_blob("team/app", DATA)
    registry.faults.cut_every, registry.faults.ignores_range = 100_000, True
    assert fetched(registries, registry) == DATA


def test_a_line_that_is_cut_at_once_each_time_is_given_up(registry: FakeRegistry, registries: Registries) -> None:
    registry.add_blob("team/app", DATA)
    registry.faults.lengths[digest_of(DATA)] = len(DATA)
    registry.faults.replaced_blobs[digest_of(DATA)] = b""
    with pytest.raises(RegistryError, match="connection was lost"):
        fetched(registries, registry)


@pytest.mark.parametrize(
    ("sent", "length", "message"),
    [
        (DATA[::-1], None, "has another digest"),
        (DATA[:-1], None, "262144 bytes were promised, 262143 are offered"),
        (DATA + b"x", None, "262144 bytes were promised, 262145 are offered"),
    ],
)
def test_wrong_content_is_refused(
    registry: FakeRegistry, registries: Registries, sent: bytes, length: int | None, message: str
) -> None:
    registry.add_blob("team/app", DATA)
    registry.faults.replaced_blobs[digest_of(DATA)] = sent
    with pytest.raises(InputError, match=message):
        fetched(registries, registry)


@pytest.mark.parametrize("coding", ["gzip", "claimed"])
def test_a_content_encoding_is_undone_or_seen_through(
    registry: FakeRegistry, registries: Registries, coding: str
) -> None:
    registry.add_blob("team/app", DATA)
    registry.faults.coding = coding
    assert fetched(registries, registry) == DATA


def test_a_coded_manifest_counts_as_what_it_decodes_to(registry: FakeRegistry, registries: Registries) -> None:
    published = publish(registry)
    registry.faults.coding = "gzip"
    assert registries.image(name(registry), AMD64).manifest.raw == published.manifest


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_failures_for_the_moment_are_waited_out(
    registry: FakeRegistry, registries: Registries, notes: list[str], waits: list[float], status: int
) -> None:
    publish(registry)
    registry.faults.statuses = [status, status]
    registry.faults.retry_after = "7"
    registries.image(name(registry), AMD64)
    assert waits == [7.0, 7.0]
    assert any(f"answered {status}; trying again in 7 s" in note for note in notes)


def test_who_asks_to_wait_for_an_hour_is_told_to_the_user(
    registry: FakeRegistry, registries: Registries, waits: list[float]
) -> None:
    publish(registry)
    registry.faults.statuses = [429] * 9
    registry.faults.retry_after = "3600"
    with pytest.raises(RegistryError, match="too many requests") as caught:
        registries.image(name(registry), AMD64)
    assert "3600 s" in caught.value.hint
    assert waits == []


def test_waits_grow_and_end(registry: FakeRegistry, registries: Registries, waits: list[float]) -> None:
    publish(registry)
    registry.faults.statuses = [500] * 99
    with pytest.raises(RegistryError, match="answered 500"):
        registries.image(name(registry), AMD64)
    assert len(waits) == 5
    assert waits[0] < waits[2] < waits[4]


def test_a_redirect_to_another_host_carries_no_authorization(registry: FakeRegistry) -> None:
    registry.users, registry.scheme = {"ada": "secret"}, "basic"
    registry.add_blob("team/app", DATA)
    with serving(FakeRegistry()) as other:
        other.add_blob("anywhere", DATA)
        registry.faults.redirect_blobs_to = f"http://{other.address}"
        with client(credentials=Credentials("ada", "secret"), host=registry.address) as registries:
            assert fetched(registries, registry) == DATA
        assert any("Authorization" in asked.headers for asked in registry.requests)
        (asked,) = other.requests
        assert "Authorization" not in asked.headers


def test_a_redirect_on_the_same_host_is_followed(registry: FakeRegistry, registries: Registries) -> None:
    registry.add_blob("team/app", DATA)
    registry.faults.redirect_blobs_to = f"http://{registry.address}"
    assert fetched(registries, registry) == DATA


def test_a_lying_content_type_is_refused(registry: FakeRegistry, registries: Registries) -> None:
    publish(registry)
    registry.faults.content_type = INDEX
    with pytest.raises(InputError, match=r"announced as .*index"):
        registries.image(name(registry), AMD64)


def test_a_meaningless_content_type_is_no_lie(registry: FakeRegistry, registries: Registries) -> None:
    publish(registry)
    registry.faults.content_type = "text/plain; charset=utf-8"
    assert registries.image(name(registry), AMD64).manifest.layers


@pytest.mark.parametrize("media_type", ["application/vnd.docker.distribution.manifest.v1+prettyjws", "text/plain"])
def test_schema_1_is_refused_with_a_way_out(registry: FakeRegistry, registries: Registries, media_type: str) -> None:
    registry.add_manifest("team/app", "1", b'{"schemaVersion": 1, "name": "team/app", "fsLayers": []}', media_type)
    with pytest.raises(InputError, match=r"team/app:1: .*schema version 2") as caught:
        registries.image(name(registry), AMD64)
    assert "pushed again" in caught.value.hint


def test_a_damaged_manifest_is_refused(registry: FakeRegistry, registries: Registries) -> None:
    published = publish(registry)
    registry.faults.announced_digest = digest_of(b"else")
    with pytest.raises(InputError, match="came damaged"):
        registries.image(name(registry), AMD64)
    registry.manifests["team/app"][published.digest] = (published.manifest + b" ", "text/plain")
    by_digest = parse_reference(f"{registry.address}/team/app@{published.digest}")
    with pytest.raises(InputError, match="sent a manifest with the digest"):
        registries.image(by_digest, AMD64)


def test_a_huge_manifest_is_not_read(registry: FakeRegistry, registries: Registries) -> None:
    registry.add_manifest("team/app", "1", b" " * (4 * 1024 * 1024 + 1))
    with pytest.raises(LimitError, match="more than 4 MiB"):
        registries.image(name(registry), AMD64)


def index_of(registry: FakeRegistry, *architectures: str) -> dict[str, str]:
    """An index under the tag `all`, attestations first; the digest for each architecture."""
    entries, digests = [], {}
    for architecture in ("unknown", *architectures):
        published = publish(registry, tag=architecture, architecture=architecture)
        entry = descriptor("application/vnd.oci.image.manifest.v1+json", published.manifest)
        entry["platform"] = {"os": "unknown" if architecture == "unknown" else "linux", "architecture": architecture}
        if architecture == "unknown":
            entry["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
        entries.append(entry)
        digests[architecture] = published.digest
    raw = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
    digests["index"] = registry.add_manifest("team/app", "all", raw, INDEX)
    return digests


def test_an_index_gives_the_image_for_the_platform(registry: FakeRegistry, registries: Registries) -> None:
    digests = index_of(registry, "arm64", "amd64")
    for architecture in ("arm64", "amd64"):
        image = registries.image(name(registry, "all"), parse_platform(f"linux/{architecture}"))
        assert str(image.manifest.digest) == digests[architecture]
        assert str(image.digest) == digests["index"]


def test_a_platform_that_is_missing_is_named_with_those_that_are_there(
    registry: FakeRegistry, registries: Registries
) -> None:
    index_of(registry, "arm64", "amd64")
    with pytest.raises(NotInRegistryError, match="no matching manifest for linux/s390x") as caught:
        registries.image(name(registry, "all"), parse_platform("linux/s390x"))
    assert "linux/amd64, linux/arm64" in caught.value.hint


def test_an_artifact_is_no_image(registry: FakeRegistry, registries: Registries) -> None:
    empty = descriptor("application/vnd.oci.empty.v1+json", b"{}")
    raw = json.dumps({"schemaVersion": 2, "config": empty, "layers": [empty]}).encode()
    registry.add_manifest("team/app", "1", raw)
    with pytest.raises(NotAnImageError, match=r"unsupported media type application/vnd\.oci\.empty"):
        registries.image(name(registry), AMD64)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (404, NotInRegistryError, "not found"),
        (401, UnauthorizedError, "asks who you are"),
        (403, DeniedError, "does not allow it"),
    ],
)
def test_refusals_name_repository_registry_and_next_step(
    registry: FakeRegistry, registries: Registries, status: int, kind: type[DockerlangError], words: str
) -> None:
    publish(registry)
    registries.image(name(registry), AMD64)
    registry.faults.statuses = [status]
    with pytest.raises(kind, match=words) as caught:
        registries.image(name(registry), AMD64)
    assert f"{registry.address}/team/app" in str(caught.value)
    assert "dockerlang" in caught.value.hint


def test_tags_come_page_by_page_and_sorted(registry: FakeRegistry, registries: Registries) -> None:
    for tag in ("b", "c", "a", "d", "e"):
        publish(registry, tag=tag)
    registry.faults.page = 2
    assert registries.repository(name(registry)).tags() == ("a", "b", "c", "d", "e")
    assert len(registry.paths("GET")) == 3


def test_a_repository_without_tags_has_none(registry: FakeRegistry, registries: Registries) -> None:
    registry.manifests["team/app"] = {}
    assert registries.repository(name(registry)).tags() == ()


def test_a_registry_s_warning_is_shown_once(registry: FakeRegistry, registries: Registries, notes: list[str]) -> None:
    publish(registry)
    registry.faults.warning = '299 - "this registry closes \x1b[31msoon"'
    for _ in range(2):
        registries.image(name(registry), AMD64)
    (note,) = notes
    assert "warns: this registry closes" in note
    assert "\x1b" not in note


def test_an_unreachable_registry_is_not_asked_again(registries: Registries, waits: list[float]) -> None:
    with pytest.raises(RegistryError, match=r"127\.0\.0\.1:1: no connection"):
        registries.image(parse_reference("127.0.0.1:1/x:1"), AMD64)
    assert waits == []


def test_embedded_content_needs_no_request(registry: FakeRegistry, registries: Registries) -> None:
    blob = Descriptor("x", sha256_of(b"here"), 4, data=b"here")
    assert b"".join(download(registries.repository(name(registry)), blob)) == b"here"
    assert registry.requests == []
    with pytest.raises(InputError):
        list(download(registries.repository(name(registry)), Descriptor("x", sha256_of(b"else"), 4, data=b"here")))


def test_an_unknown_digest_is_not_trusted(registry: FakeRegistry, registries: Registries) -> None:
    with pytest.raises(InputError, match="cannot be verified"):
        list(download(registries.repository(name(registry)), Descriptor("x", Digest("blake9", "aa"), 1)))
