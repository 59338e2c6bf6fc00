"""Proving to a registry who we are and what we want: basic authentication, and bearer tokens of a token server.

Distribution's "Token Authentication Specification" and "OAuth2 Token Authentication". A token is kept for the scopes it
was asked for, until it is about to expire.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from dockerlang.registry.challenges import Challenge
from dockerlang.registry.credentials import Credentials
from dockerlang.registry.errors import RegistryError, UnauthorizedError
from dockerlang.registry.transport import Body, Reply, Request, Transport

Scopes = frozenset[str]

_TOKEN_LIMIT = 1 << 20
_DEFAULT_LIFE = 60.0
_MARGIN = 0.1
_CLIENT = "dockerlang"


class Authorizer(Protocol):
    """What a connection asks for the value of `Authorization`."""

    def header(self, scopes: Scopes) -> str:
        """What to send with a request that needs `scopes`; empty where nothing is known that would help."""
        ...

    def accept(self, challenges: tuple[Challenge, ...], scopes: Scopes, sent: str) -> bool:
        """Learn from a refusal of what was `sent`; whether the request is worth another try."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class _Token:
    value: str
    expires: float


class HostAuthorizer:
    """The credentials and tokens for one registry, shared by all threads that talk to it."""

    def __init__(
        self,
        transport: Transport,
        credentials: Callable[[], Credentials | None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._find_credentials = credentials
        self._credentials: Credentials | None = None
        self._has_looked = False
        self._clock = clock
        self._lock = threading.RLock()
        self._scheme = ""
        self._bearer: Challenge | None = None
        self._tokens: dict[Scopes, _Token] = {}
        self._widened: dict[Scopes, Scopes] = {}

    @property
    def credentials(self) -> Credentials | None:
        """What the user has given for this registry, looked up when it is first asked for."""
        with self._lock:
            if not self._has_looked:
                self._credentials = self._find_credentials()
                self._has_looked = True
            return self._credentials

    def header(self, scopes: Scopes) -> str:
        """As `Authorizer.header`; may ask the token server."""
        with self._lock:
            if self._scheme == "basic":
                return self.credentials.basic if self.credentials else ""
            if self._bearer is None:
                return ""
            return f"Bearer {self._token(self._bearer, self._widened.get(scopes, scopes))}"

    def accept(self, challenges: tuple[Challenge, ...], scopes: Scopes, sent: str) -> bool:
        """As `Authorizer.accept`. A bearer challenge is preferred, since it does not show the password each time."""
        with self._lock:
            bearers = [item for item in challenges if item.scheme == "bearer" and item.parameters.get("realm")]
            if bearers:
                return self._accept_bearer(bearers, scopes, sent)
            if any(item.scheme == "basic" for item in challenges):
                self._scheme, self._bearer = "basic", None
                return bool(self.credentials and self.credentials.basic) and not sent.startswith("Basic ")
            return False

    def _accept_bearer(self, bearers: list[Challenge], scopes: Scopes, sent: str) -> bool:
        self._scheme = "bearer"
        known = self._widened.get(scopes, scopes)
        demanded = frozenset(scope for item in bearers for scope in item.scopes)
        wanted = _merged(known | demanded)
        if sent.startswith("Bearer "):
            stale = self._tokens.get(known)
            if stale is not None and sent != f"Bearer {stale.value}":
                return True  # Another thread has a newer one already.
            self._tokens.pop(known, None)
        self._widened[scopes] = wanted
        problem: RegistryError | None = None
        for challenge in bearers:
            try:
                self._token(challenge, wanted)
            except RegistryError as error:
                problem = problem or error
            else:
                self._bearer = challenge
                return True
        assert problem is not None
        raise problem

    def _token(self, challenge: Challenge, scopes: Scopes) -> str:
        credentials = self.credentials
        if credentials is not None and credentials.registry_token:
            return credentials.registry_token
        token = self._tokens.get(scopes)
        if token is None or token.expires <= self._clock():
            token = self._tokens[scopes] = self._fetch(challenge, scopes)
        return token.value

    def _fetch(self, challenge: Challenge, scopes: Scopes) -> _Token:
        realm, service = challenge.parameters["realm"], challenge.parameters.get("service", "")
        credentials = self.credentials
        if credentials is not None:
            self._refuse_plain(realm)
        asked = self._clock()
        if credentials is not None and credentials.identity_token:
            reply = self._by_identity_token(realm, service, scopes, credentials)
        else:
            reply = self._by_password(realm, service, scopes, credentials)
        if reply.status != 200:
            raise _refusal(realm, reply, credentials)
        return _read_token(realm, reply.read(_TOKEN_LIMIT, decode=True), asked)

    def _by_password(self, realm: str, service: str, scopes: Scopes, credentials: Credentials | None) -> Reply:
        query = [("service", service)] if service else []
        query += [("scope", scope) for scope in sorted(scopes)]
        query += [("client_id", _CLIENT)]
        if credentials is not None and credentials.username:
            query += [("account", credentials.username)]
        basic = credentials.basic if credentials is not None else ""
        return self._transport.send(Request("GET", _with_query(realm, query), {}, basic))

    def _by_identity_token(self, realm: str, service: str, scopes: Scopes, credentials: Credentials) -> Reply:
        form = {
            "grant_type": "refresh_token",
            "service": service,
            "client_id": _CLIENT,
            "refresh_token": credentials.identity_token,
            "scope": " ".join(sorted(scopes)),
        }
        data = urlencode(form).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body: Body = lambda: iter((data,))  # noqa: E731
        # The body is the secret, so it must not travel on with a redirect.
        request = Request("POST", realm, headers, body=body, length=len(data), follows_redirects=False)
        reply = self._transport.send(request)
        if reply.status in (401, 404, 405) and credentials.basic and credentials.password:
            reply.finish()
            return self._by_password(realm, service, scopes, credentials)
        return reply

    def _refuse_plain(self, realm: str) -> None:
        parts = urlsplit(realm)
        if parts.scheme != "https" and not self._transport.policy.is_insecure(parts.netloc):
            raise RegistryError(
                f"the registry sends us to a token server without TLS, {parts.netloc}: no credentials are sent there",
                hint=f"if that is meant, allow it with --insecure {parts.netloc}",
            )


def _merged(scopes: Scopes) -> Scopes:
    """One scope for each resource, with all the actions that are asked for."""
    actions: dict[str, set[str]] = {}
    for scope in scopes:
        resource, separator, listed = scope.rpartition(":")
        if separator:
            actions.setdefault(resource, set()).update(listed.split(","))
    return frozenset(f"{resource}:{','.join(sorted(listed))}" for resource, listed in actions.items())


def _with_query(url: str, query: list[tuple[str, str]]) -> str:
    parts = urlsplit(url)
    joined = "&".join(filter(None, (parts.query, urlencode(query))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, joined, ""))


def _read_token(realm: str, body: bytes, asked: float) -> _Token:
    host = urlsplit(realm).netloc
    try:
        document = json.loads(body)
        value = document.get("token") or document.get("access_token")
        life = document.get("expires_in") or _DEFAULT_LIFE
    except (ValueError, AttributeError, RecursionError):
        raise RegistryError(f"the token server {host} gave an answer that cannot be read") from None
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise RegistryError(f"the token server {host} gave no token")
    if isinstance(life, bool) or not isinstance(life, int | float):
        life = _DEFAULT_LIFE
    return _Token(value, asked + life * (1 - _MARGIN))


def _refusal(realm: str, reply: Reply, credentials: Credentials | None) -> RegistryError:
    host = urlsplit(realm).netloc
    reason = reply.reason()
    said = f": {reason}" if reason else ""
    if reply.status in (400, 401, 403):
        who = "anonymous users" if credentials is None else "these credentials"
        return UnauthorizedError(f"the token server {host} refuses {who} ({reply.status}){said}")
    return RegistryError(f"the token server {host} answered {reply.status}{said}")
