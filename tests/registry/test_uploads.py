"""Writing to a registry that misbehaves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.reference import parse_reference
from dockerlang.registry.credentials import Credentials
from dockerlang.registry.errors import RegistryError, UnauthorizedError
from dockerlang.registry.registry import Registries
from dockerlang.registry.uploads import Sent, upload
from tests.registry.fake_registry import FakeRegistry
from tests.registry.images import client

DATA = bytes(range(256)) * 400
BLOB = Descriptor.of("application/octet-stream", DATA)


@pytest.fixture
def registries() -> Iterator[Registries]:
    with client() as opened:
        yield opened


def send(
    registries: Registries, registry: FakeRegistry, *sources: str, chunk: int | None = None, data: bytes = DATA
) -> tuple[Sent, str]:
    def opener() -> BinaryIO:
        return io.BytesIO(data)

    repository = registries.repository(parse_reference(f"{registry.address}/team/app:1"))
    return upload(repository, Descriptor.of("x", data), opener, sources=sources, chunk=chunk)


def stored(registry: FakeRegistry) -> bytes | None:
    return registry.blobs.get("team/app", {}).get(str(BLOB.digest))


@pytest.mark.parametrize("is_relative", [False, True])
@pytest.mark.parametrize("chunk", [None, 30_000, len(DATA), 10**9])
def test_a_blob_arrives_whole_or_in_chunks(
    registry: FakeRegistry, registries: Registries, is_relative: bool, chunk: int | None
) -> None:
    registry.faults.relative_location = is_relative
    assert send(registries, registry, chunk=chunk) == (Sent.UPLOADED, "")
    assert stored(registry) == DATA
    assert registry.uploads == {}


def test_an_empty_blob(registry: FakeRegistry, registries: Registries) -> None:
    assert send(registries, registry, data=b"") == (Sent.UPLOADED, "")


def test_what_is_there_is_not_sent(registry: FakeRegistry, registries: Registries) -> None:
    registry.add_blob("team/app", DATA)
    assert send(registries, registry) == (Sent.EXISTED, "")
    assert registry.paths("POST") == []


def test_a_neighbour_s_blob_is_mounted(registry: FakeRegistry, registries: Registries) -> None:
    registry.add_blob("team/base", DATA)
    assert send(registries, registry, "team/base") == (Sent.MOUNTED, "team/base")
    assert registry.paths("PUT") == []


def test_a_mount_that_becomes_an_upload_is_gone_on_with(registry: FakeRegistry, registries: Registries) -> None:
    registry.add_blob("team/base", DATA)
    registry.faults.refuses_mount = True
    assert send(registries, registry, "team/base") == (Sent.UPLOADED, "")
    assert stored(registry) == DATA
    assert len(registry.paths("POST")) == 1


def test_a_mount_needs_both_scopes(registry: FakeRegistry) -> None:
    registry.users, registry.scheme = {"ada": "x"}, "bearer"
    registry.add_blob("team/base", DATA)
    with client(credentials=Credentials("ada", "x"), host=registry.address) as registries:
        assert send(registries, registry, "team/base")[0] is Sent.MOUNTED
    asked = [path for path in registry.paths("GET") if path.startswith("/token")][-1]
    assert "repository%3Ateam%2Fapp%3Apull%2Cpush" in asked
    assert "repository%3Ateam%2Fbase%3Apull" in asked


def test_a_body_that_is_too_large_is_sent_in_chunks(registry: FakeRegistry, registries: Registries) -> None:
    data = b"x" * (9 << 20)
    registry.faults.largest_body = 8 << 20
    assert send(registries, registry, data=data) == (Sent.UPLOADED, "")
    assert len(registry.paths("PATCH")) == 2


def test_an_upload_that_breaks_is_cancelled_and_begun_anew(registry: FakeRegistry, registries: Registries) -> None:
    registry.faults.failing_puts = 2
    assert send(registries, registry) == (Sent.UPLOADED, "")
    assert stored(registry) == DATA
    assert len(registry.paths("POST")) == 3
    assert len(registry.paths("DELETE")) == 2
    assert registry.uploads == {}


def test_an_upload_that_always_breaks_ends(registry: FakeRegistry, registries: Registries) -> None:
    registry.faults.failing_puts = 99
    with pytest.raises(RegistryError, match="answered 500"):
        send(registries, registry)


def test_who_may_not_push_is_told_so(registry: FakeRegistry, registries: Registries) -> None:
    registry.users, registry.scheme, registry.anonymous_pull = {"ada": "x"}, "bearer", True
    with pytest.raises(UnauthorizedError, match=r"push access denied for .*team/app"):
        send(registries, registry)
