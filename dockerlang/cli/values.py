"""Values that options of several commands share: names of hosts with their addresses."""

from __future__ import annotations

from dockerlang.errors import UsageError


def host(text: str) -> tuple[str, str]:
    """`NAME=ADDRESS` or `NAME:ADDRESS` of `--add-host`; an IPv6 address may stand in brackets. Raises `UsageError`."""
    name, _, given = text.partition("=" if "=" in text else ":")
    if not name or any(character.isspace() for character in name):
        raise UsageError(f"`--add-host {text}` is not understood", hint="write --add-host NAME=ADDRESS")
    return name, address(given.removeprefix("[").removesuffix("]"), f"--add-host {text}")


def address(text: str, option: str) -> str:
    """An IPv4 or IPv6 address as it is written. Raises `UsageError`."""
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise UsageError(f"`{option}` is not understood", hint=f"`{text}` is no address") from None
    return text
