"""Where images are really fetched from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import parse_reference
from dockerlang.registry.credentials import Credentials, CredentialSources, encode_entry
from dockerlang.registry.errors import DeniedError, RegistryError
from dockerlang.registry.mirrors import Location, RegistryRule, insecure_hosts, read_rules, registry_rules, sources_of
from dockerlang.registry.registry import Registries, RegistrySettings
from tests.registry.fake_registry import FakeRegistry, serving
from tests.registry.images import publish

CONF = """
unqualified-search-registries = ["docker.io"]

[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "mirror.example:5000/hub"
insecure = true
[[registry.mirror]]
location = "digests.example"
pull-from-mirror = "digest-only"

[[registry]]
prefix = "docker.io/team"
location = "team.example/images"

[[registry]]
prefix = "*.blocked.example"
blocked = true
"""


@pytest.fixture
def rules(tmp_path: Path) -> tuple[RegistryRule, ...]:
    (tmp_path / "registries.conf").write_text(CONF)
    return read_rules(tmp_path / "registries.conf")


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("alpine:3", ["mirror.example:5000/hub/library/alpine:3", "docker.io/library/alpine:3"]),
        ("team/app:1", ["team.example/images/app:1"]),
        ("teams/app:1", ["mirror.example:5000/hub/teams/app:1", "docker.io/teams/app:1"]),
        ("other.example/x:1", ["other.example/x:1"]),
        (
            "a@sha256:" + "ab" * 32,
            [
                f"{place}/library/a@sha256:{'ab' * 32}"
                for place in ("mirror.example:5000/hub", "digests.example", "docker.io")
            ],
        ),
    ],
)
def test_the_longest_prefix_says_whom_to_ask(rules: tuple[RegistryRule, ...], name: str, sources: list[str]) -> None:
    assert [str(source) for source in sources_of(rules, parse_reference(name))] == sources


def test_what_is_blocked_is_refused(rules: tuple[RegistryRule, ...]) -> None:
    with pytest.raises(DeniedError, match="blocks"):
        sources_of(rules, parse_reference("a.blocked.example/x"))
    assert sources_of(rules, parse_reference("notblocked.example/x"))


def test_insecure_hosts(rules: tuple[RegistryRule, ...]) -> None:
    assert insecure_hosts(rules) == {"mirror.example:5000"}


@pytest.mark.parametrize("text", ["[[registry", "registry = 3", "[[registry]]\nlocation = 3", "[[registry]]"])
def test_a_file_that_makes_no_sense_is_passed_over(tmp_path: Path, text: str) -> None:
    file = tmp_path / "registries.conf"
    file.write_text(text)
    with pytest.raises(InputError):
        read_rules(file)
    notes: list[str] = []
    assert registry_rules({"CONTAINERS_REGISTRIES_CONF": str(file)}, notes.append) == ()
    assert "its mirrors are not used" in notes[0]


@pytest.fixture
def mirror() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as fake:
        yield fake


def mirrored(tmp_path: Path, registry: FakeRegistry, mirror: FakeRegistry, notes: list[str]) -> Registries:
    file = tmp_path / "registries.conf"
    file.write_text(
        f'[[registry]]\nlocation = "{registry.address}"\n[[registry.mirror]]\nlocation = "{mirror.address}"\n'
    )
    entry: dict[str, object] = dict(encode_entry(Credentials("ada", "secret")))
    return Registries(
        RegistrySettings(
            rules=read_rules(file),
            credentials=CredentialSources((("test", {"auths": {registry.address: entry}}),)),
            notify=notes.append,
            pause=lambda seconds: None,
        )
    )


def test_a_mirror_serves_what_it_has_without_the_origin_s_credentials(
    tmp_path: Path, registry: FakeRegistry, mirror: FakeRegistry
) -> None:
    published = publish(mirror)
    with mirrored(tmp_path, registry, mirror, []) as registries:
        image = registries.image(parse_reference(f"{registry.address}/team/app:1"), Platform("linux", "amd64"))
        assert image.config() == published.config
    assert str(image.reference) == f"{registry.address}/team/app:1"
    assert registry.requests == []
    assert not any("Authorization" in asked.headers for asked in mirror.requests)


def test_the_origin_serves_what_no_mirror_has(tmp_path: Path, registry: FakeRegistry, mirror: FakeRegistry) -> None:
    published = publish(registry)
    notes: list[str] = []
    with mirrored(tmp_path, registry, mirror, notes) as registries:
        image = registries.image(parse_reference(f"{registry.address}/team/app:1"), Platform("linux", "amd64"))
        assert image.manifest.raw == published.manifest
        assert "asking the next source" in notes[0]
        with pytest.raises(RegistryError, match=f"{registry.address}/team/app:2 not found"):
            registries.image(parse_reference(f"{registry.address}/team/app:2"), Platform("linux", "amd64"))


def test_tags_come_from_a_mirror_and_pushes_go_to_none(
    tmp_path: Path, registry: FakeRegistry, mirror: FakeRegistry
) -> None:
    publish(mirror, tag="there")
    publish(registry, tag="here")
    reference = parse_reference(f"{registry.address}/team/app")
    with mirrored(tmp_path, registry, mirror, []) as registries:
        assert registries.tags(reference) == ("there",)
        assert registries.target(reference).tags() == ("here",)
    rule = RegistryRule(registry.address, Location(""), is_blocked=True)
    with Registries(RegistrySettings(rules=(rule,))) as registries:
        for ask in (registries.tags, registries.target):
            with pytest.raises(DeniedError, match="blocks"):
                ask(reference)
