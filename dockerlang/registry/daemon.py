"""What docker's `daemon.json` says about registries: `registry-mirrors`, for Docker Hub, and `insecure-registries`.

dockerd(8): a mirror is the URL of a registry that holds what Docker Hub holds; plain HTTP is spoken to one whose URL
says so. An insecure registry is a host with its port, or a network such as `10.0.0.0/8`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dockerlang.errors import InputError
from dockerlang.oci.reference import read_name
from dockerlang.records import record, replace
from dockerlang.registry.hosts import HUB, Network, network_of
from dockerlang.registry.mirrors import Location, RegistryRule

_SIZE_LIMIT = 1 << 20


@record
class DaemonSettings:
    """`mirrors` of Docker Hub in their order; hosts and networks that need no verified TLS."""

    mirrors: tuple[Location, ...] = ()
    insecure: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()


def daemon_settings(
    environment: Mapping[str, str] = os.environ,
    notify: Callable[[str], None] = lambda message: None,
    machine: Path = Path("/etc/docker"),
) -> DaemonSettings:
    """The settings of this user's docker, then those of this machine's; a file that makes no sense is passed over."""
    config = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config")
    settings = DaemonSettings()
    for path in (config / "docker" / "daemon.json", machine / "daemon.json"):
        if not path.is_file():
            continue
        try:
            found = read_daemon_file(path)
        except InputError as error:
            notify(f"{error}; what it says of registries is not used")
            continue
        settings = DaemonSettings(
            (*settings.mirrors, *found.mirrors),
            settings.insecure | found.insecure,
            (*settings.networks, *found.networks),
        )
    return settings


def read_daemon_file(path: Path) -> DaemonSettings:
    """The settings in one file; `InputError` where it cannot be read or understood."""
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_SIZE_LIMIT))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path} is not valid JSON") from None
    if not isinstance(document, dict):
        raise InputError(f"{path} is not a JSON object")
    hosts: set[str] = set()
    networks: list[Network] = []
    for text in _texts(path, document, "insecure-registries"):
        network = network_of(text)
        if network is not None:
            networks.append(network)
        else:
            hosts.add(urlsplit(text).netloc if "://" in text else text.rstrip("/"))
    mirrors = tuple(mirror_of(text) for text in _texts(path, document, "registry-mirrors"))
    return DaemonSettings(mirrors, frozenset(hosts), tuple(networks))


def mirror_of(url: str) -> Location:
    """The mirror at a URL: `https://HOST[:PORT]`, `http://` for plain HTTP; `InputError` for anything else."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{shown} is no mirror", hint="write the address of one: https://mirror.example.com")
    if parts.username or parts.query or parts.fragment:
        raise InputError(
            f"{shown}: the address of a mirror has neither user, query nor fragment",
            hint=f"`dockerlang login {parts.hostname}` keeps the credentials",
        )
    name = f"{parts.netloc}{parts.path}".rstrip("/")
    read_name(f"{name}/library/any")
    return Location(name, is_insecure=parts.scheme == "http")


def with_hub_mirrors(rules: tuple[RegistryRule, ...], mirrors: Iterable[Location]) -> tuple[RegistryRule, ...]:
    """The rules, with mirrors of Docker Hub that are asked before those that a rule for all of it names."""
    added = tuple(mirrors)
    if not added:
        return rules
    hub = next((rule for rule in rules if rule.prefix == HUB), RegistryRule(HUB, Location(HUB)))
    others = tuple(rule for rule in rules if rule.prefix != HUB)
    return (*others, replace(hub, mirrors=(*added, *hub.mirrors)))


def _texts(path: Path, document: Mapping[str, object], name: str) -> list[str]:
    values = document.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{path}: `{name}` must be a list of strings")
    return values
