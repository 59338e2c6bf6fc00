"""Published ports: docker's words for them, and which ports of the host they become."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from dockerlang.errors import RuntimeFailure, UsageError
from dockerlang.records import record
from dockerlang.runtime.process import Port

LARGEST_PORT = 65_535
_ATTEMPTS = 50


@record
class Publication:
    """A port of the container that is to be published at a port of the host: one of `first` to `last`, 0 for any.

    An empty `address` stands for all that the host has.
    """

    container: int
    protocol: str = "tcp"
    address: str = ""
    first: int = 0
    last: int = 0

    @property
    def key(self) -> str:
        """As in an image's config: `80/tcp`."""
        return f"{self.container}/{self.protocol}"


def parse_publication(text: str) -> tuple[Publication, ...]:
    """`[ADDRESS:][HOST]:CONTAINER[/PROTOCOL]` or `CONTAINER` alone, where ports may be ranges. Raises UsageError."""
    rest, _, protocol_text = text.partition("/")
    before, _, container_text = rest.rpartition(":")
    address_text, _, host_text = before.rpartition(":")
    protocol = protocol_text.lower() or "tcp"
    if protocol not in ("tcp", "udp"):
        raise UsageError(f"invalid proto: {protocol_text} in '{text}'", hint="tcp and udp can be published")
    if not container_text:
        raise UsageError(f"no port specified: {text}", hint="write -p HOST:CONTAINER")
    address = _address(address_text, text)
    first, last = _range(container_text, "containerPort", text)
    hosts = _range(host_text, "hostPort", text) if host_text else None
    if hosts is None:
        return tuple(Publication(port, protocol, address) for port in range(first, last + 1))
    if first == last:
        return (Publication(first, protocol, address, *hosts),)
    if hosts[1] - hosts[0] != last - first:
        raise UsageError(f"invalid ranges specified for container and host ports: {container_text} and {host_text}")
    shift = hosts[0] - first
    return tuple(Publication(port, protocol, address, port + shift, port + shift) for port in range(first, last + 1))


def parse_exposed(text: str) -> tuple[str, ...]:
    """`PORT[-PORT][/PROTOCOL]` as the keys of an image's config. Raises UsageError."""
    ports, _, protocol_text = text.partition("/")
    protocol = protocol_text.lower() or "tcp"
    if protocol not in ("tcp", "udp", "sctp") or ":" in ports:
        raise UsageError(f"invalid port: {text}", hint="write PORT, or PORT/udp")
    first, last = _range(ports, "port", text)
    return tuple(f"{port}/{protocol}" for port in range(first, last + 1))


def all_publications(
    given: Sequence[Publication], exposed: Iterable[str], *, publishes_exposed: bool
) -> tuple[Publication, ...]:
    """Those that were asked for, and with `publishes_exposed` every other port of `exposed`, too."""
    if not publishes_exposed:
        return tuple(given)
    known = {publication.key for publication in given}
    return (*given, *(each for key in exposed if key not in known and (each := _of_key(key)) is not None))


@record
class PublishedPort:
    """A port of the host at one address, and where it leads."""

    address: str
    host: int
    container: int
    protocol: str

    @property
    def key(self) -> str:
        """The container's port as in an image's config: `80/tcp`."""
        return f"{self.container}/{self.protocol}"

    @property
    def place(self) -> str:
        """`0.0.0.0:8080`, or with IPv6 `[::]:8080`."""
        from dockerlang.runtime.forwarding import written

        return f"{written(self.address)}:{self.host}"


def published_ports(ports: Iterable[Port]) -> tuple[PublishedPort, ...]:
    """Each of the addresses at which a container's ports are published, in docker's order."""
    from dockerlang.runtime.forwarding import addresses_of

    published = [
        PublishedPort(address, port.host, port.container, port.protocol)
        for port in ports
        for address in addresses_of(port)
    ]
    return tuple(sorted(published, key=lambda each: (each.container, each.address, each.host, each.protocol)))


def choose(publications: Sequence[Publication]) -> tuple[Port, ...]:
    """Choose ports of the host that are free now where there is a choice. Raises RuntimeFailure where none is left."""
    fixed = {(each.first, each.protocol) for each in publications if each.first and each.first == each.last}
    chosen: list[Port] = []
    for publication in publications:
        taken = fixed | {(port.host, port.protocol) for port in chosen}
        chosen.append(_chosen(publication, taken))
    return tuple(chosen)


def _chosen(publication: Publication, taken: set[tuple[int, str]]) -> Port:
    if publication.first and publication.first == publication.last:
        return _port(publication, publication.first)
    from dockerlang.runtime.forwarding import listen

    for number in _candidates(publication):
        if (number, publication.protocol) in taken:
            continue
        port = _port(publication, number)
        try:
            listeners = listen(port)
        except OSError as error:
            failure = str(error.strerror)
            continue
        for listener in listeners:
            listener.close()
        return port
    where = f"{publication.first}-{publication.last}" if publication.first else "all"
    raise RuntimeFailure(f"no port of the host is free for {publication.key}: {where}: {failure}")


def _candidates(publication: Publication) -> Iterator[int]:
    if publication.first:
        yield from range(publication.first, publication.last + 1)
        return
    from dockerlang.runtime.forwarding import listen

    for _ in range(_ATTEMPTS):
        # The kernel knows one that is free at the one address; whether it is at the others, too, is to be seen.
        address = publication.address or "0.0.0.0"
        (listener,) = listen(Port(publication.container, 0, address, publication.protocol))
        with listener:
            number = listener.getsockname()[1]
        yield number


def _port(publication: Publication, host: int) -> Port:
    return Port(publication.container, host, publication.address, publication.protocol)


def _of_key(key: str) -> Publication | None:
    """None for what cannot be published; the config of an image may hold anything."""
    number, _, protocol = key.partition("/")
    if not _is_port(number) or protocol not in ("", "tcp", "udp"):
        return None
    return Publication(int(number), protocol or "tcp")


def _address(text: str, whole: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not bare:
        return ""
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        raise UsageError(f"invalid IP address: {bare} in '{whole}'", hint="write -p ADDRESS:HOST:CONTAINER") from None


def _range(text: str, what: str, whole: str) -> tuple[int, int]:
    first_text, has_end, last_text = text.partition("-")
    numbers = [first_text, last_text if has_end else first_text]
    if not all(map(_is_port, numbers)):
        raise UsageError(f"invalid {what}: {text} in '{whole}'", hint=f"ports are 1 to {LARGEST_PORT}")
    first, last = map(int, numbers)
    if last < first:
        raise UsageError(f"invalid {what}: {text} in '{whole}'", hint="the end of a range comes after its start")
    return first, last


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_PORT
