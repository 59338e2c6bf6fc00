"""What a registry answers to who has not said who he is: the challenges of `WWW-Authenticate` (RFC 9110, 11.6.1).

One header may hold several challenges, and one answer several headers; scopes hold commas inside their quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from dockerlang.records import record

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PART = re.compile(
    rf"""[\s,]*(?:
        (?P<name>{_TOKEN})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>{_TOKEN}))(?=\s*(?:,|$))
      | (?P<scheme>{_TOKEN})(?=\s|,|$)(?:\s+(?P<token68>[A-Za-z0-9._~+/-]+=*)(?=\s*(?:,|$)))?
    )""",
    re.VERBOSE | re.DOTALL,
)


@record
class Challenge:
    """A scheme, in lower case, and its parameters."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that a bearer token must have, as `repository:path:pull,push`."""
        return tuple(self.parameters.get("scope", "").split())

    @property
    def is_insufficient_scope(self) -> bool:
        """Whether a token was understood, but allows less than was asked for."""
        return self.parameters.get("error") == "insufficient_scope"


def parse_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """All challenges in order; whatever cannot be understood ends its header without an error."""
    challenges: list[tuple[str, dict[str, str]]] = []
    for header in headers:
        position = 0
        while match := _PART.match(header, position):
            position = match.end()
            if match["scheme"]:
                challenges.append((match["scheme"].lower(), {}))
            elif challenges:
                quoted = match["quoted"]
                value = match["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
                # The specification of registries names no parameter twice, but some registries repeat `scope`.
                parameters = challenges[-1][1]
                name = match["name"].lower()
                parameters[name] = f"{parameters[name]} {value}" if name == "scope" and name in parameters else value
    return tuple(Challenge(scheme, parameters) for scheme, parameters in challenges)
