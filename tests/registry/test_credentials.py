"""Where credentials are found, in which order, and how they are kept."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64encode
from pathlib import Path

import pytest

from dockerlang.errors import InputError
from dockerlang.registry.credentials import (
    Credentials,
    CredentialSources,
    credential_sources,
    docker_config_file,
)
from dockerlang.registry.errors import RegistryError, UnauthorizedError
from dockerlang.registry.login import forget_credentials, keep_credentials, verify_credentials
from tests.registry.fake_registry import FakeRegistry
from tests.registry.images import client


def entry(username: str, password: str) -> dict[str, str]:
    return {"auth": b64encode(f"{username}:{password}".encode()).decode()}


def document(**hosts: str) -> str:
    return json.dumps({"auths": {host.replace("_", "."): entry(user, "x") for host, user in hosts.items()}})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_places_are_asked_in_podman_s_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {
        "REGISTRY_AUTH_FILE": str(tmp_path / "env.json"),
        "DOCKER_AUTH_CONFIG": document(a_io="json"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "DOCKER_CONFIG": str(tmp_path / "docker"),
    }
    places = [
        ("explicit", tmp_path / "explicit.json"),
        ("env", tmp_path / "env.json"),
        ("json", None),
        ("run", tmp_path / "run/containers/auth.json"),
        ("config", tmp_path / "config/containers/auth.json"),
        ("docker", tmp_path / "docker/config.json"),
        ("old", home / ".dockercfg"),
    ]
    for name, path in places:
        if path is not None:
            write(path, json.dumps({"a.io": entry(name, "x")}) if name == "old" else document(a_io=name))
    for position, (name, path) in enumerate(places):
        explicit = tmp_path / "explicit.json" if position == 0 else None
        found = credential_sources(explicit, environment=environment, home=home).find("a.io")
        assert found is not None
        assert found.username == name
        if path is None:
            del environment["DOCKER_AUTH_CONFIG"]
        else:
            path.unlink()
    assert credential_sources(environment=environment, home=home).find("a.io") is None


@pytest.mark.parametrize(
    ("key", "domain", "is_meant"),
    [
        ("a.io", "a.io", True),
        ("https://a.io", "a.io", True),
        ("https://a.io/v1/", "a.io", True),
        ("http://a.io:5000/v2/", "a.io:5000", True),
        ("a.io", "a.io:5000", False),
        ("https://index.docker.io/v1/", "docker.io", True),
        ("docker.io", "docker.io", True),
        ("registry-1.docker.io", "docker.io", True),
        ("b.io", "a.io", False),
        ("a.io.evil.example", "a.io", False),
    ],
)
def test_keys_are_compared_by_host(key: str, domain: str, is_meant: bool) -> None:
    sources = CredentialSources((("test", {"auths": {key: entry("ada", "x")}}),))
    assert (sources.find(domain) is not None) is is_meant


def test_the_longest_path_wins() -> None:
    auths = {"a.io": entry("host", "x"), "a.io/team": entry("team", "x"), "a.io/team/app": entry("app", "x")}
    sources = CredentialSources((("test", {"auths": auths}),))
    for path, user in {
        "team/app": "app",
        "team/app/sub": "app",
        "team/b": "team",
        "teams/b": "host",
        "": "host",
    }.items():
        found = sources.find("a.io", path)
        assert found is not None
        assert found.username == user


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"auth": b64encode(b"ada:s:e:c").decode()}, Credentials("ada", "s:e:c")),
        ({"auth": b64encode(b"ada:s\0\0").decode()}, Credentials("ada", "s")),
        ({"username": "ada", "password": "s"}, Credentials("ada", "s")),
        ({"identitytoken": "t"}, Credentials(identity_token="t")),
        ({"registrytoken": "t"}, Credentials(registry_token="t")),
        ({}, None),
    ],
)
def test_entries(raw: dict[str, str], found: Credentials | None) -> None:
    assert CredentialSources((("test", {"auths": {"a.io": raw}}),)).find("a.io") == found


def test_a_damaged_file_is_passed_over_without_showing_it(tmp_path: Path) -> None:
    write(tmp_path / ".docker/config.json", '{"auths": {"a.io": {"auth": "c2VjcmV0"')
    notes: list[str] = []
    assert credential_sources(environment={}, home=tmp_path, notify=notes.append).find("a.io") is None
    (note,) = notes
    assert "config.json is not valid JSON" in note
    assert "c2VjcmV0" not in note
    with pytest.raises(InputError, match="not valid JSON"):
        credential_sources(tmp_path / ".docker/config.json", environment={}, home=tmp_path)


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A credential helper, `docker-credential-test`, which keeps each server in a file and logs its arguments."""
    script = write(
        tmp_path / "bin/docker-credential-test",
        '#!/bin/sh\nlog="$(dirname "$0")/log"; echo "$@" >> "$log"; kept="$(dirname "$0")/kept"\n'
        'case "$1" in\n'
        'get) read -r server; if [ -f "$kept" ]; then cat "$kept"; else\n'
        '  echo "credentials not found in native keychain"; exit 1; fi ;;\n'
        'store) cat > "$kept" ;;\n'
        'erase) rm -f "$kept" ;;\n'
        "esac\n",
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    return script.parent


def test_a_helper_of_the_host_comes_before_the_store_before_the_file(helper: Path) -> None:
    write(helper / "kept", json.dumps({"ServerURL": "a.io", "Username": "helped", "Secret": "x"}))
    content = {"auths": {"a.io": entry("plain", "x")}, "credHelpers": {"a.io": "test"}, "credsStore": "missing"}
    sources = CredentialSources((("test", content),))
    found = sources.find("a.io")
    assert found is not None
    assert found.username == "helped"
    (helper / "kept").unlink()
    found = sources.find("a.io")
    assert found is not None
    assert found.username == "plain"


def test_a_helper_s_token_user_means_a_refresh_token(helper: Path) -> None:
    write(helper / "kept", json.dumps({"ServerURL": "a.io", "Username": "<token>", "Secret": "long"}))
    assert CredentialSources((("test", {"credsStore": "test"}),)).find("a.io") == Credentials(identity_token="long")


def test_a_missing_helper_is_said_and_gone_without() -> None:
    notes: list[str] = []
    assert CredentialSources((("test", {"credsStore": "no-such"}),), notes.append).find("a.io") is None
    assert "docker-credential-no-such is not installed" in notes[0]
    assert CredentialSources((("test", {"credsStore": "../evil"}),), notes.append).find("a.io") is None
    assert "is not the name" in notes[1]


def test_kept_credentials_are_found_and_forgotten(tmp_path: Path) -> None:
    file = docker_config_file({"DOCKER_CONFIG": str(tmp_path / "new/docker")})
    keep_credentials(file, "a.io", Credentials("ada", "s"))
    keep_credentials(file, "docker.io", Credentials("bob", "t"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sorted(json.loads(file.read_text())["auths"]) == ["a.io", "https://index.docker.io/v1/"]
    sources = credential_sources(environment={"DOCKER_CONFIG": str(file.parent)}, home=tmp_path)
    assert sources.find("a.io") == Credentials("ada", "s")
    assert sources.find("docker.io") == Credentials("bob", "t")
    assert forget_credentials(file, "a.io")
    assert not forget_credentials(file, "a.io")
    assert list(json.loads(file.read_text())["auths"]) == ["https://index.docker.io/v1/"]


def test_what_else_is_in_the_file_stays_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real = write(
        tmp_path / "real.json", json.dumps({"psFormat": "x", "auths": {"https://a.io/v1/": entry("old", "x")}})
    )
    real.chmod(0o644)
    link = tmp_path / "config.json"
    link.symlink_to(real)
    keep_credentials(link, "a.io", Credentials("new", "x"))
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert json.loads(real.read_text()) == {"psFormat": "x", "auths": {"a.io": entry("new", "x")}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "real.json"]


def test_a_helper_keeps_the_secret_out_of_file_and_arguments(helper: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "config.json", json.dumps({"credsStore": "test"}))
    assert keep_credentials(file, "a.io", Credentials("ada", "secret")) == "test"
    assert "secret" not in file.read_text()
    assert json.loads((helper / "kept").read_text()) == {"ServerURL": "a.io", "Username": "ada", "Secret": "secret"}
    assert forget_credentials(file, "a.io")
    assert not (helper / "kept").exists()
    assert (helper / "log").read_text().split() == ["store", "erase"]


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_login_tries_the_credentials(registry: FakeRegistry, scheme: str) -> None:
    registry.users, registry.scheme = {"ada": "s"}, scheme
    with client() as registries:
        verify_credentials(registries, registry.address, Credentials("ada", "s"))
        with pytest.raises(UnauthorizedError) as caught:
            verify_credentials(registries, registry.address, Credentials("ada", "wrong"))
        assert "wrong" not in str(caught.value)
        registry.faults.statuses = [404]
        with pytest.raises(RegistryError, match="answered 404"):
            verify_credentials(registries, registry.address, Credentials("ada", "s"))
