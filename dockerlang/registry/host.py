"""One registry's host: finds out how it wants to be talked to, and lets each request prove who asks.

There is no ping: the first request goes out bare, and what the host answers says which authentication it wants.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from dockerlang.registry.challenges import parse_challenges
from dockerlang.registry.credentials import Credentials
from dockerlang.registry.errors import ConnectionFailure
from dockerlang.registry.hosts import api_host
from dockerlang.registry.tokens import HostAuthorizer, Scopes
from dockerlang.registry.transport import Body, Reply, Request, Transport

_AUTHORIZATIONS = 4
"""Refusals of one request that we answer with other credentials: none, a stale token, too narrow a token."""


class RegistryHost:
    """The registry of a reference's domain; may be used by many threads."""

    def __init__(self, domain: str, transport: Transport, credentials: Callable[[], Credentials | None]) -> None:
        self.domain = domain
        self.transport = transport
        self.authorizer = HostAuthorizer(transport, credentials)
        self._host = api_host(domain)
        self._base = ""
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        target: str,
        scopes: Scopes,
        *,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        length: int | None = None,
        attempts: int | None = None,
    ) -> Reply:
        """The answer to a request for `target`, a path or a whole URL that the registry has given.

        A 401 comes back only when nothing that we know helps. Authorization goes to this host alone.
        """
        for last in [False] * _AUTHORIZATIONS + [True]:
            base = self._find_base(attempts)
            url = target if "://" in target else f"{base}{target}"
            is_own = _origin(url) == _origin(base)
            authorization = self.authorizer.header(scopes) if is_own else ""
            request = Request(method, url, headers or {}, authorization, body, length)
            reply = self.transport.send(request, attempts=attempts)
            if reply.status != 401 or last or _origin(reply.url) != _origin(base):
                return reply
            challenges = parse_challenges(reply.headers("WWW-Authenticate"))
            if not challenges:
                return reply
            if not self.authorizer.accept(challenges, scopes, authorization):
                return reply
            reply.finish()
        raise AssertionError("the last round returns")

    def _find_base(self, attempts: int | None) -> str:
        """The scheme and host, after trying plain HTTP where that is allowed and TLS does not work."""
        with self._lock:
            if not self._base:
                schemes = self.transport.policy.schemes(self._host)
                self._base = f"{schemes[0]}://{self._host}"
                if len(schemes) > 1 and not self._speaks_tls(self._base):
                    self._base = f"{schemes[1]}://{self._host}"
            return self._base

    def _speaks_tls(self, base: str) -> bool:
        try:
            reply = self.transport.send(Request("GET", f"{base}/v2/", {}), attempts=1)
        except ConnectionFailure:
            return False
        reply.finish()
        return True


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
