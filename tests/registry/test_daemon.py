"""What docker's `daemon.json` says about registries, and mirrors that are named by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.reference import parse_reference
from dockerlang.registry.daemon import DaemonSettings, daemon_settings, mirror_of, read_daemon_file, with_hub_mirrors
from dockerlang.registry.hosts import HostPolicy, network_of
from dockerlang.registry.mirrors import Location, RegistryRule, registry_rules, sources_of

DOCUMENT = {
    "registry-mirrors": ["https://mirror.example/", "http://10.1.2.3:5000"],
    "insecure-registries": ["old.example:5000", "http://older.example:5000", "10.0.0.0/8"],
    "debug": True,
}


def written(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def test_mirrors_and_insecure_registries_are_read(tmp_path: Path) -> None:
    settings = read_daemon_file(written(tmp_path / "daemon.json", DOCUMENT))
    assert settings.mirrors == (Location("mirror.example"), Location("10.1.2.3:5000", is_insecure=True))
    assert settings.insecure == {"old.example:5000", "older.example:5000"}
    assert settings.networks == (network_of("10.0.0.0/8"),)


def test_the_user_s_docker_comes_before_the_machine_s(tmp_path: Path) -> None:
    written(tmp_path / "config" / "docker" / "daemon.json", {"registry-mirrors": ["https://own.example"]})
    machine = written(tmp_path / "etc" / "daemon.json", DOCUMENT).parent
    found = daemon_settings({"XDG_CONFIG_HOME": str(tmp_path / "config")}, machine=machine)
    assert [mirror.name for mirror in found.mirrors] == ["own.example", "mirror.example", "10.1.2.3:5000"]
    assert daemon_settings({"HOME": str(tmp_path)}, machine=tmp_path) == DaemonSettings()


@pytest.mark.parametrize(
    "document",
    [[], {"registry-mirrors": "https://a"}, {"registry-mirrors": [3]}, {"registry-mirrors": ["https://a?b"]}],
)
def test_a_file_that_makes_no_sense_is_passed_over(tmp_path: Path, document: object) -> None:
    machine = written(tmp_path / "daemon.json", document).parent
    notes: list[str] = []
    assert daemon_settings({"HOME": "/nowhere"}, notes.append, machine) == DaemonSettings()
    assert len(notes) == 1
    machine.joinpath("daemon.json").write_text("{")
    daemon_settings({"HOME": "/nowhere"}, notes.append, machine)
    assert "not valid JSON" in notes[1]


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://", "https://ada:secret@a.example", "https://a.example/?x=1", "https://A B"]
)
def test_what_is_no_address_of_a_mirror_is_refused_without_showing_secrets(url: str) -> None:
    with pytest.raises(InputError) as error:
        mirror_of(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("host", "is_insecure"),
    [
        ("old.example:5000", True),
        ("old.example", False),
        ("10.200.0.1:5000", True),
        ("11.0.0.1:5000", False),
        ("[fd00::1]:5000", True),
        ("127.0.0.1:5000", True),
        ("nowhere.invalid:5000", False),
    ],
)
def test_insecure_hosts_and_networks(host: str, is_insecure: bool) -> None:
    networks = tuple(network for network in map(network_of, ("10.0.0.0/8", "fd00::/8", "10.0.0.0/99")) if network)
    assert len(networks) == 2
    policy = HostPolicy(frozenset({"old.example:5000"}), networks=networks)
    assert policy.is_insecure(host) is is_insecure


def sources(rules: tuple[RegistryRule, ...], name: str) -> list[str]:
    return [source.name for source in sources_of(rules, parse_reference(name))]


def test_mirrors_serve_docker_hub_alone_and_come_before_those_of_registries_conf() -> None:
    conf = (
        RegistryRule("docker.io", Location("docker.io"), (Location("second.example"),)),
        RegistryRule("docker.io/team", Location("team.example")),
    )
    rules = with_hub_mirrors(conf, [mirror_of("first.example/hub")])
    assert sources(rules, "alpine") == [
        "first.example/hub/library/alpine", "second.example/library/alpine", "docker.io/library/alpine",
    ]  # fmt: skip
    assert sources(rules, "team/app") == ["team.example/app"]
    assert sources(rules, "quay.io/app") == ["quay.io/app"]
    assert sources(with_hub_mirrors((), [mirror_of("first.example")]), "a/b") == ["first.example/a/b", "docker.io/a/b"]
    assert with_hub_mirrors(conf, []) == conf


def test_aliases_count_in_the_user_s_own_files_only(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "containers"
    folder.mkdir(parents=True)
    folder.joinpath("registries.conf").write_text('[aliases]\n"tool" = "quay.example/team/tool"\n')
    rules = registry_rules({"HOME": str(tmp_path)})
    assert sources(rules, "tool:1") == ["quay.example/team/tool"]
    assert "library/other" in sources(rules, "other")[-1]
