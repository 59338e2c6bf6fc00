"""The words of EXPOSE: `[[ip:]host:]port[-port][/protocol]`; section 2.5 of the language.

The address and the host's ports are checked and then ignored: an image cannot say where its ports will be published.
"""

from __future__ import annotations

import ipaddress

from dockerlang.records import record

PROTOCOLS = ("tcp", "udp", "sctp")
MAX_PORT = 65_535


# What people write in place of a number, and the number.
_SERVICES = {
    "http": 80, "https": 443, "ssh": 22, "smtp": 25, "dns": 53, "mysql": 3306, "postgres": 5432, "postgresql": 5432,
    "redis": 6379, "mongodb": 27017,
}  # fmt: skip


class InvalidPort(ValueError):
    """The word names no port; `help` says what to write."""

    def __init__(self, text: str, message: str) -> None:
        super().__init__(message)
        self.help = _help_for(text)


@record
class PortSpec:
    """One word of EXPOSE: the ports `first` to `last`, both included, of the container.

    `protocol` is in lower case, `written_protocol` as it is written, empty where it is left out. `address` and `host`
    are what stands before the last two colons.
    """

    first: int
    last: int
    protocol: str
    written_protocol: str = ""
    address: str = ""
    host: str = ""

    @property
    def ports(self) -> tuple[str, ...]:
        """The keys of the image's config: `80/tcp`."""
        return tuple(f"{port}/{self.protocol}" for port in range(self.first, self.last + 1))


def parse_ports(text: str) -> tuple[str, ...]:
    """The ports of one word, as the image's config has them. Raises `InvalidPort`."""
    return read_port(text).ports


def read_port(text: str) -> PortSpec:
    """One word of EXPOSE, taken apart. Raises `InvalidPort`."""
    before, _, container = text.rpartition(":")
    address, _, host = before.rpartition(":")
    range_text, _, written_protocol = container.partition("/")
    protocol = written_protocol.lower() or "tcp"
    if protocol not in PROTOCOLS:
        raise InvalidPort(
            text, f"`{text}` has an unknown protocol `{written_protocol}`: it is one of {', '.join(PROTOCOLS)}"
        )
    _check_address(address)
    if not range_text:
        raise InvalidPort(text, f"`{text}` names no port")
    first, last = _read_range(range_text)
    if host:
        host_first, host_last = _read_range(host)
        if last - first != host_last - host_first and first != last:
            raise InvalidPort(text, f"`{text}` has ranges of different size: {host} and {range_text}")
    return PortSpec(first, last, protocol, written_protocol, address, host)


def _check_address(text: str) -> None:
    if not text:
        return
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        if "%" in ipaddress.ip_address(bare).compressed:
            raise ValueError("an address with a zone")
    except ValueError:
        raise InvalidPort(text, f"`{text}` is no IP address") from None


def _read_range(text: str) -> tuple[int, int]:
    first_text, has_end, last_text = text.partition("-")
    first = _read_number(first_text, text)
    last = _read_number(last_text, text) if has_end else first
    if last < first:
        raise InvalidPort(text, f"the range of ports `{text}` runs backwards")
    return first, last


def _read_number(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdigit()) or int(digits) > MAX_PORT:
        raise InvalidPort(text, f"`{text}` is no port: it is a number up to {MAX_PORT}, or a range of them")
    return int(digits)


def _help_for(text: str) -> str:
    bare = text.strip("[],;\"'`").removesuffix(",")
    if text.startswith("[") or (text.endswith("]") and ":" not in text):
        return "EXPOSE takes no array: write the ports with blanks between them, `EXPOSE 80 443`"
    if text.lower() in _SERVICES:
        return f"write the number: `{_SERVICES[text.lower()]}`"
    if bare != text and bare.isascii() and bare.isdigit():
        return f"write `{bare}`, and blanks between ports"
    if "=" in text:
        return f"write the value alone: `{text.rpartition('=')[2]}`"
    if text.lower() in PROTOCOLS:
        return f"write the port and the protocol together: `80/{text.lower()}`"
    first, is_range, last = text.partition("-")
    if is_range and first.isdigit() and last.isdigit() and int(last) < int(first):
        return f"write `{last}-{first}`"
    return "write a port such as `80`, `53/udp` or `8000-8010`"
