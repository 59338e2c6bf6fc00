"""The files of /etc by which a process finds names: `hosts`, `resolv.conf` and `hostname`.

They belong to the machine and not to the image, so they are mounted and never written into a layer.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dockerlang.records import record
from dockerlang.runtime.process import Access, File, Network

RESOLVER_FILE = Path("/etc/resolv.conf")
FORWARDED_RESOLVER = "169.254.1.53"
"""Where a process with a network of its own finds the resolver that the host has on its loopback."""


@record
class Resolver:
    """What of `resolv.conf` (resolv.conf(5)) is not as the host has it; `.` as a domain to search stands for none."""

    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


HOST_RESOLVER = Resolver()


def for_build_step(
    hostname: str,
    network: Network,
    extra_hosts: Iterable[tuple[str, str]] = (),
    resolver_file: Path = RESOLVER_FILE,
) -> tuple[File, ...]:
    """What a RUN step sees: `hosts` and `resolv.conf`, both read-only; `extra_hosts` are names with addresses."""
    hosts = f"127.0.0.1\tlocalhost {hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n"
    hosts += "".join(f"{address}\t{name}\n" for name, address in extra_hosts)
    return (
        File("/etc/hosts", hosts.encode(), 0o644),
        File("/etc/resolv.conf", resolver_configuration(network, resolver_file), 0o644),
    )


def for_container(
    hostname: str,
    network: Network,
    extra_hosts: Iterable[tuple[str, str]] = (),
    resolver: Resolver = HOST_RESOLVER,
    resolver_file: Path = RESOLVER_FILE,
) -> tuple[File, ...]:
    """What a container sees: the three files, which it may write to; `extra_hosts` are names with their addresses."""
    lines = [
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "fe00::\tip6-localnet",
        "ff00::\tip6-mcastprefix",
        "ff02::1\tip6-allnodes",
        "ff02::2\tip6-allrouters",
        *(f"{address}\t{name}" for name, address in extra_hosts),
        f"127.0.1.1\t{hostname}",
    ]
    contents = {
        "/etc/hosts": "".join(f"{line}\n" for line in lines).encode(),
        "/etc/resolv.conf": _changed(resolver_configuration(network, resolver_file), resolver),
        "/etc/hostname": f"{hostname}\n".encode(),
    }
    return tuple(File(target, content, 0o644, access=Access.WRITE) for target, content in contents.items())


def resolver_configuration(network: Network, resolver_file: Path = RESOLVER_FILE) -> bytes:
    """The content of `resolv.conf`: the host's, and none where there is no network to ask.

    On a network of one's own the host's loopback is out of reach: resolvers there are left out, and if none stays,
    there is `FORWARDED_RESOLVER`.
    """
    if network is Network.NONE:
        return b""
    content = _content(resolver_file)
    if network is Network.HOST:
        return content
    lines = [line for line in content.splitlines() if not _is_server(line) or _is_reachable(line)]
    if is_resolver_forwarded(resolver_file):
        lines.append(f"nameserver {FORWARDED_RESOLVER}".encode())
    return b"".join(line + b"\n" for line in lines)


def is_resolver_forwarded(resolver_file: Path = RESOLVER_FILE) -> bool:
    """Whether a network of one's own takes a `FORWARDED_RESOLVER`, since all others are on the host's loopback."""
    return not any(_is_reachable(line) for line in _content(resolver_file).splitlines())


def _content(resolver_file: Path) -> bytes:
    try:
        return resolver_file.read_bytes()
    except OSError:
        # Then the C library asks the host itself, in there as out here.
        return b""


def _is_server(line: bytes) -> bool:
    return line.split()[:1] == [b"nameserver"]


def _is_reachable(line: bytes) -> bool:
    """Whether a line names a resolver that is not on the loopback."""
    words = line.split()
    return words[:1] == [b"nameserver"] and len(words) > 1 and not words[1].startswith(b"127.") and words[1] != b"::1"


def _changed(configuration: bytes, resolver: Resolver) -> bytes:
    """Lines of a kind that was given replace all of that kind."""
    searches = [] if resolver.searches == (".",) else list(resolver.searches)
    given = {
        b"nameserver": [f"nameserver {server}" for server in resolver.servers],
        b"search": [f"search {' '.join(searches)}"] if searches else [],
        b"options": [f"options {' '.join(resolver.options)}"] if resolver.options else [],
    }
    replaced = {kind for kind, lines in given.items() if lines} | ({b"search"} if resolver.searches else set())
    if not replaced:
        return configuration
    kept = [line for line in configuration.splitlines() if not line.split() or line.split()[0] not in replaced]
    return b"".join(line + b"\n" for line in [*kept, *(line.encode() for lines in given.values() for line in lines)])
