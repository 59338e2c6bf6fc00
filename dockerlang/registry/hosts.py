"""The hosts behind the names of registries, and how far each is trusted.

Docker Hub is `docker.io` in references, `registry-1.docker.io` on the network and `https://index.docker.io/v1/` in
files of credentials. Everything else is its own host.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from dockerlang.records import record

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HUB = "docker.io"
HUB_API = "registry-1.docker.io"
HUB_INDEX = "index.docker.io"
HUB_CREDENTIALS = "https://index.docker.io/v1/"


@record
class HostPolicy:
    """Which hosts may be reached without a verified TLS, and where certificates of single hosts lie.

    `insecure` are hosts with their port, `networks` hold insecure hosts; those, and loopback hosts, are tried over TLS
    without verification first and over plain HTTP then, as docker does. `certificates` are directories like docker's
    `certs.d`, one directory a host.
    """

    insecure: frozenset[str] = frozenset()
    certificates: tuple[Path, ...] = ()
    networks: tuple[Network, ...] = ()

    def is_insecure(self, host: str) -> bool:
        """Whether `host[:port]` may be talked to without a verified TLS."""
        return host in self.insecure or is_loopback(host) or self._is_in_network(host)

    def _is_in_network(self, host: str) -> bool:
        """Whether an address of the host is in an insecure network; a name is looked up only if there are any."""
        return any(address in network for network in self.networks for address in _addresses(host))

    def schemes(self, host: str) -> tuple[str, ...]:
        """The schemes to try, in this order. A host with an authority of its own is held to TLS."""
        found = certificates_for(host, self.certificates)
        is_held = found is not None and bool(found.authorities)
        return ("https", "http") if self.is_insecure(host) and not is_held else ("https",)


@record
class HostCertificates:
    """What `certs.d/HOST` holds: authorities to trust, and pairs of client certificate and key."""

    authorities: tuple[Path, ...] = ()
    clients: tuple[tuple[Path, Path], ...] = field(default=())


def api_host(domain: str) -> str:
    """The host that speaks the distribution API for a reference's domain."""
    return HUB_API if domain in (HUB, HUB_INDEX) else domain


def registry_named(text: str) -> str:
    """The domain that a person means by the name or address of a registry: `https://host/v1/` is `host`."""
    host = host_of_key(text.strip()).partition("/")[0]
    return HUB if host in (HUB, HUB_INDEX, HUB_API, "") else host


def credentials_key(domain: str) -> str:
    """The name under which docker keeps the credentials of a registry."""
    return HUB_CREDENTIALS if domain in (HUB, HUB_INDEX, HUB_API) else domain


def host_of_key(key: str) -> str:
    """The host and path of a key in a file of credentials, which may be a URL: `https://host/v1/` means `host`."""
    if "://" in key:
        return urlsplit(key).netloc
    host, slash, path = key.partition("/")
    return host if path.rstrip("/") in ("v1", "v2", "") else f"{host}{slash}{path}"


def network_of(text: str) -> Network | None:
    """The network that `address/bits` means; None for a text that means none."""
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether `host[:port]` is this machine by its very name."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def certificate_directories() -> tuple[Path, ...]:
    """Where docker and podman look for `certs.d`: the user's own directories before the machine's."""
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return (
        config_home / "containers" / "certs.d",
        config_home / "docker" / "certs.d",
        Path("/etc/containers/certs.d"),
        Path("/etc/docker/certs.d"),
    )


def certificates_for(host: str, directories: tuple[Path, ...]) -> HostCertificates | None:
    """The certificates of the first directory that has some for `host`; None where none has."""
    for directory in directories:
        files = sorted(directory.joinpath(host).glob("*")) if "/" not in host and host not in (".", "..") else []
        if files:
            clients = [(file, file.with_suffix(".key")) for file in files if file.suffix == ".cert"]
            return HostCertificates(tuple(file for file in files if file.suffix == ".crt"), tuple(clients))
    return None


@lru_cache(maxsize=64)
def _addresses(host: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:

    name = urlsplit(f"//{host}").hostname or ""
    try:
        return (ipaddress.ip_address(name),)
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(ipaddress.ip_address(entry[4][0]) for entry in found)
