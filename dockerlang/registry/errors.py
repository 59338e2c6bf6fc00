"""How registries fail, told apart by what a person can do about it."""

from __future__ import annotations

import json
import re
from contextlib import suppress

from dockerlang.errors import DockerlangError

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\U0010ffff]+")
_SHOWN = 300


class RegistryError(DockerlangError):
    """A registry cannot be reached, breaks the protocol, or refuses what was asked of it."""


class ConnectionFailure(RegistryError):
    """No answer came: the host is unknown, unreachable, silent, or cut the line."""


class UnreachableError(ConnectionFailure):
    """Nobody answers at that name and port; trying again at once does not help."""


class TlsFailure(UnreachableError):
    """The host answers, but not with a TLS that we trust."""


class NotInRegistryError(RegistryError):
    """The registry has no such repository, tag or blob (404)."""


class UnauthorizedError(RegistryError):
    """The registry wants to know who asks, or does not believe it (401)."""


class DeniedError(RegistryError):
    """The registry knows who asks and refuses (403)."""


def reason_of(body: bytes) -> str:
    """What an error's body says, as one printable line; empty where it says nothing that can be read.

    Registries answer `{"errors": [{"code", "message", "detail"}]}`, token servers `{"details": ..}` or `{"error": ..}`.
    """
    with suppress(ValueError, RecursionError):
        document = json.loads(body)
        if isinstance(document, dict):
            return _printable("; ".join(_messages(document)))
    return ""


def _messages(document: dict[str, object]) -> list[str]:
    errors = document.get("errors")
    if not isinstance(errors, list):
        named = (document.get(name) for name in ("details", "error_description", "message", "error"))
        return [next((text for text in named if isinstance(text, str)), "")]
    found = []
    for error in errors:
        if isinstance(error, dict):
            code = str(error.get("code") or "").lower().replace("_", " ")
            message = str(error.get("message") or "")
            found.append(message if message and code in ("", message.lower()) else f"{code}: {message}".strip(": "))
    return found


def _printable(text: str) -> str:
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
