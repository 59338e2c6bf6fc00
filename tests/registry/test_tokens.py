"""Saying who we are, to those whom it concerns."""

from __future__ import annotations

import logging
import re

import pytest

from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference, parse_reference
from dockerlang.registry.credentials import Credentials, CredentialSources
from dockerlang.registry.downloads import MemorySink, download
from dockerlang.registry.errors import RegistryError, UnauthorizedError
from dockerlang.registry.registry import Registries, RegistrySettings
from tests.registry.fake_registry import FakeRegistry, serving
from tests.registry.images import client, publish

AMD64 = Platform("linux", "amd64")
ADA = Credentials("ada", "s:cret")


@pytest.fixture
def guarded(registry: FakeRegistry) -> FakeRegistry:
    registry.users, registry.scheme = {"ada": "s:cret"}, "bearer"
    publish(registry)
    return registry


def name(registry: FakeRegistry) -> Reference:
    return parse_reference(f"{registry.address}/team/app:1")


def as_ada(registry: FakeRegistry, credentials: Credentials = ADA) -> Registries:
    return client(credentials=credentials, host=registry.address)


def token_requests(registry: FakeRegistry) -> list[str]:
    return [asked.path for asked in registry.requests if asked.path.startswith("/token")]


def test_a_token_is_asked_for_once_and_used_for_all(guarded: FakeRegistry) -> None:
    with as_ada(guarded) as registries:
        image = registries.image(name(guarded), AMD64)
        image.config()
        image.fetch(image.manifest.layers[0], MemorySink("sha256"))
    (asked,) = token_requests(guarded)
    assert "service=fake%2C+the+registry" in asked
    assert "scope=repository%3Ateam%2Fapp%3Apull" in asked
    assert "account=ada" in asked


def test_who_has_no_credentials_asks_for_a_token_all_the_same(guarded: FakeRegistry) -> None:
    guarded.anonymous_pull = True
    with client() as registries:
        assert registries.image(name(guarded), AMD64).manifest
    (asked,) = [asked for asked in guarded.requests if asked.path.startswith("/token")]
    assert "Authorization" not in asked.headers


def test_basic_authentication(registry: FakeRegistry) -> None:
    registry.users, registry.scheme = {"ada": "s:cret"}, "basic"
    publish(registry)
    with as_ada(registry) as registries:
        registries.image(name(registry), AMD64)
        registries.image(name(registry), AMD64)
    # Only the very first request went out bare.
    assert ["Authorization" in asked.headers for asked in registry.requests] == [False, True, True]


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_wrong_credentials_are_told_from_none(registry: FakeRegistry, scheme: str) -> None:
    registry.users, registry.scheme = {"ada": "s:cret"}, scheme
    publish(registry)
    with as_ada(registry, Credentials("ada", "wrong")) as registries, pytest.raises(UnauthorizedError) as caught:
        registries.image(name(registry), AMD64)
    assert re.search("does not accept the stored credentials|refuses these credentials", str(caught.value))
    assert "wrong" not in str(caught.value)
    with client() as registries, pytest.raises(UnauthorizedError, match="asks who you are"):
        registries.image(name(registry), AMD64)


def test_a_token_that_expires_in_the_middle_is_bought_again(guarded: FakeRegistry) -> None:
    with as_ada(guarded) as registries:
        image = registries.image(name(guarded), AMD64)
        guarded.expire_tokens()
        assert image.config()
    assert len(token_requests(guarded)) == 2


def test_a_token_that_expires_while_the_line_is_cut(guarded: FakeRegistry) -> None:
    guarded.faults.cut_every = 40
    with client(credentials=ADA, host=guarded.address, between=lambda seconds: guarded.expire_tokens()) as registries:
        image = registries.image(name(guarded), AMD64)
        assert len(b"".join(download(image.repository, image.manifest.layers[0]))) == image.manifest.layers[0].size


def test_a_token_that_holds_less_is_no_error_until_it_is_refused(guarded: FakeRegistry) -> None:
    guarded.grants_less = 1
    with as_ada(guarded) as registries:
        assert registries.image(name(guarded), AMD64).manifest
    assert len(token_requests(guarded)) == 2


def test_a_refusal_that_stays_ends(guarded: FakeRegistry) -> None:
    guarded.grants_less = 999
    with as_ada(guarded) as registries, pytest.raises(UnauthorizedError, match="does not accept"):
        registries.image(name(guarded), AMD64)
    assert len(guarded.requests) < 12


def test_an_insufficient_scope_is_widened(guarded: FakeRegistry) -> None:
    scope = "repository:team/app:pull repository:team/base:pull"
    guarded.faults.challenge = (
        f'Bearer realm="http://{guarded.address}/token",service="fake, the registry",scope="{scope}",'
        'error="insufficient_scope"'
    )
    with as_ada(guarded) as registries:
        registries.image(name(guarded), AMD64)
    assert "scope=repository%3Ateam%2Fbase%3Apull" in token_requests(guarded)[-1]


def test_of_several_challenges_one_that_works_is_taken(guarded: FakeRegistry) -> None:
    guarded.faults.challenge = (
        'Negotiate, Bearer realm="http://127.0.0.1:1/token",service="nobody", '
        f'Bearer realm="http://{guarded.address}/token",service="fake, the registry"'
    )
    with as_ada(guarded) as registries:
        assert registries.image(name(guarded), AMD64).manifest


def test_an_identity_token_buys_tokens(guarded: FakeRegistry) -> None:
    guarded.refresh_tokens = {"long-lived": "ada"}
    with as_ada(guarded, Credentials(identity_token="long-lived")) as registries:
        registries.image(name(guarded), AMD64)
    (asked,) = [asked for asked in guarded.requests if asked.path.startswith("/token")]
    assert asked.method == "POST"
    assert "long-lived" not in asked.path
    assert b"grant_type=refresh_token" in asked.body


def test_a_registry_token_is_shown_as_it_is(guarded: FakeRegistry) -> None:
    guarded.tokens["given"] = frozenset({"repository:team/app:pull"})
    document = {"auths": {guarded.address: {"registrytoken": "given"}}}
    with Registries(RegistrySettings(credentials=CredentialSources((("test", document),)))) as registries:
        assert registries.image(name(guarded), AMD64).manifest
    assert token_requests(guarded) == []


def test_a_token_server_without_tls_gets_no_credentials(guarded: FakeRegistry) -> None:
    guarded.faults.challenge = 'Bearer realm="http://auth.example/token",service="x"'
    with as_ada(guarded) as registries, pytest.raises(RegistryError, match=r"without TLS, auth\.example"):
        registries.image(name(guarded), AMD64)


def test_tokens_stay_with_their_registry(guarded: FakeRegistry) -> None:
    with serving(FakeRegistry()) as other:
        other.blobs["x"] = guarded.blobs["team/app"]
        guarded.faults.redirect_blobs_to = f"http://{other.address}"
        with as_ada(guarded) as registries:
            image = registries.image(name(guarded), AMD64)
            image.config()
            image.fetch(image.manifest.layers[0], MemorySink("sha256"))
        assert other.requests
        assert not any("Authorization" in asked.headers for asked in other.requests)


def test_no_secret_is_logged_or_shown(
    guarded: FakeRegistry, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    notes: list[str] = []
    guarded.faults.statuses = [500]
    with client(credentials=ADA, host=guarded.address, notes=notes) as registries:
        registries.image(name(guarded), AMD64)
    out, err = capfd.readouterr()
    everything = "\n".join((caplog.text, out, err, *notes, repr(ADA), str(ADA)))
    for secret in ("s:cret", ADA.basic.removeprefix("Basic "), *guarded.tokens):
        assert secret not in everything
