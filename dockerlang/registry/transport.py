"""HTTP as registries need it: patient, and careful about whom it tells what.

A request is repeated with growing pauses when the line or the server fails for the moment, as long as its
`Retry-After` says. Redirects are followed by hand: `Authorization` goes to the very host it was meant for and to no
other, and a redirect never leads from TLS to plain HTTP.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from dockerlang import __version__
from dockerlang.errors import LimitError
from dockerlang.records import record
from dockerlang.registry.connections import Connections
from dockerlang.registry.errors import ConnectionFailure, RegistryError, TlsFailure, UnreachableError, reason_of
from dockerlang.registry.hosts import HostPolicy

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse
    from urllib3.exceptions import HTTPError

Body = Callable[[], Iterator[bytes]]
"""Makes the body anew for every attempt; its length is told apart."""

ATTEMPTS = 6
"""How often a request is made before we give up."""
LONGEST_WAIT = 60.0
"""Seconds that we wait on a server's word; who asks for more is told to the user at once."""
_FIRST_WAIT = 0.5
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECT_LIMIT = 10
_ERROR_BODY = 64 * 1024


class Reply:
    """An answer whose body is still to be read; `url` is where it came from after all redirects."""

    def __init__(self, response: BaseHTTPResponse, url: str) -> None:
        self._response = response
        self.url = url
        self.status = response.status

    def header(self, name: str) -> str:
        """A header's value; empty where absent."""
        return self._response.headers.get(name, "")

    def headers(self, name: str) -> list[str]:
        """Every header of that name."""
        return list(self._response.headers.getlist(name))

    def chunks(self, size: int, *, decode: bool = False) -> Iterator[bytes]:
        """The body in pieces of up to `size` bytes; `ConnectionFailure` where the line is cut before its end."""
        import urllib3

        try:
            yield from self._response.stream(size, decode_content=decode)
        except urllib3.exceptions.HTTPError as error:
            raise _failure(self.url, error) from error
        finally:
            self.close()

    def read(self, limit: int, *, decode: bool = False) -> bytes:
        """The whole body; `LimitError` for one of more than `limit` bytes."""
        body = bytearray()
        for chunk in self.chunks(64 * 1024, decode=decode):
            body += chunk
            if len(body) > limit:
                raise LimitError(f"{_host(self.url)}: the answer has more than the {limit} bytes that are allowed")
        return bytes(body)

    def reason(self) -> str:
        """What the body of an error says; empty where it says nothing."""
        try:
            return reason_of(self.read(_ERROR_BODY, decode=True))
        except (ConnectionFailure, LimitError):
            return ""

    def finish(self) -> None:
        """Read what is left of a small answer, so that its connection can be used again."""
        self.reason()

    def close(self) -> None:
        """Give the connection back, or up where the body was not read to its end."""
        if self._response.closed:
            self._response.release_conn()
        else:
            self._response.close()


@record
class Request:
    """What is to be sent. `authorization` is for the host of `url` alone.

    `length` is that of the body in bytes; without a body it is None.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    authorization: str = ""
    body: Body | None = None
    length: int | None = None
    follows_redirects: bool = True


class Transport:
    """Sends requests, from as many threads as you like. `notify` is told why and how long we wait, and warnings."""

    def __init__(
        self,
        policy: HostPolicy,
        *,
        notify: Callable[[str], None] = lambda message: None,
        pause: Callable[[float], None] = time.sleep,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.policy = policy
        self.notify = notify
        self.pause = pause
        self.attempts = attempts
        self._connections = Connections(policy)
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    def send(self, request: Request, *, attempts: int | None = None) -> Reply:
        """The final answer, whatever its status. Raises `ConnectionFailure` where none came, even after a while."""
        allowed = attempts or self.attempts
        failures = 0
        while True:
            failures += 1
            try:
                reply = self._follow(request)
            except UnreachableError:
                raise
            except ConnectionFailure as error:
                if failures >= allowed:
                    raise
                delay, problem = backoff(failures), str(error)
            else:
                asked = retry_after(reply.header("Retry-After"))
                delay = backoff(failures) if asked is None else asked
                if reply.status not in _TRANSIENT or failures >= allowed or delay > LONGEST_WAIT:
                    return reply
                problem = f"{_host(reply.url)} answered {reply.status}"
                reply.finish()
            self.notify(f"{problem}; trying again in {delay:.0f} s")
            self.pause(delay)

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def _follow(self, request: Request) -> Reply:
        url, method, authorization = request.url, request.method, request.authorization
        body = request.body
        for _ in range(_REDIRECT_LIMIT):
            reply = self._once(request, method, url, authorization, body)
            target = reply.header("Location")
            if reply.status not in _REDIRECTS or not target or not request.follows_redirects:
                return reply
            reply.finish()
            following = urljoin(url, target)
            here, there = urlsplit(url), urlsplit(following)
            self._refuse_downgrade(here, there)
            if _origin(here) != _origin(there):
                authorization = ""
            if reply.status == 303 and method != "HEAD":
                method, body = "GET", None
            url = following
        raise RegistryError(f"{_host(request.url)}: more than {_REDIRECT_LIMIT} redirects")

    def _once(self, request: Request, method: str, url: str, authorization: str, body: Body | None) -> Reply:
        import urllib3

        headers = {"User-Agent": f"dockerlang/{__version__}", "Accept-Encoding": "identity", **request.headers}
        if authorization:
            headers["Authorization"] = authorization
        if body is not None:
            headers["Content-Length"] = str(request.length)
        elif method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = "0"
        try:
            response = self._connections.of(url).urlopen(
                method,
                url,
                body=None if body is None else body(),
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _failure(url, error) from error
        reply = Reply(response, url)
        self._show_warnings(reply)
        return reply

    def _refuse_downgrade(self, here: SplitResult, there: SplitResult) -> None:
        if there.scheme not in ("http", "https"):
            raise RegistryError(f"{here.netloc} redirects to {there.scheme}:, which is no web address")
        if here.scheme == "https" and there.scheme == "http" and not self.policy.is_insecure(there.netloc):
            raise RegistryError(f"{here.netloc} redirects from TLS to plain HTTP at {there.netloc}: refused")

    def _show_warnings(self, reply: Reply) -> None:
        """Pass on what a registry wants its users to know (distribution specification, "Warnings"), once."""
        for warning in reply.headers("Warning"):
            code, _, rest = warning.partition(" ")
            text = rest.partition('"')[2].rpartition('"')[0]
            if code != "299" or not text:
                continue
            with self._lock:
                is_new = text not in self._warned
                self._warned.add(text)
            if is_new:
                shown = "".join(character if character.isprintable() else " " for character in text)
                self.notify(f"{_host(reply.url)} warns: {shown[:300]}")


def backoff(failures: int) -> float:
    """Seconds to wait after that many failures in a row: growing, and never the same for all who wait."""
    return min(_FIRST_WAIT * 2.0 ** (failures - 1), LONGEST_WAIT / 4) * random.uniform(0.75, 1.25)


def retry_after(value: str) -> float | None:
    """The seconds that a `Retry-After` asks for, given as a number or a date; None where it says neither."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _origin(url: SplitResult) -> tuple[str, str, int | None]:
    return url.scheme, url.hostname or "", url.port or {"https": 443, "http": 80}.get(url.scheme)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _failure(url: str, error: HTTPError | OSError) -> ConnectionFailure:
    """The cause in plain words; addresses with their query, which may hold a signature, are not shown."""
    import urllib3

    host = _host(url)
    match error:
        case urllib3.exceptions.SSLError():
            return TlsFailure(
                f"{host}: its TLS certificate cannot be verified, or it does not speak TLS: {_cause(error)}",
                hint=f"put its authority into /etc/docker/certs.d/{host}/ca.crt, or allow it with --insecure {host}",
            )
        case urllib3.exceptions.NameResolutionError():
            return UnreachableError(f"{host}: this host is not known", hint="check the name, the network and its DNS")
        case urllib3.exceptions.NewConnectionError():
            return UnreachableError(f"{host}: no connection: {_cause(error)}", hint="does the registry run there?")
        case urllib3.exceptions.ConnectTimeoutError() | urllib3.exceptions.ReadTimeoutError():
            return ConnectionFailure(f"{host}: no answer in time")
        case _:
            return ConnectionFailure(f"{host}: the connection was lost: {_cause(error)}")


def _cause(error: BaseException) -> str:
    """The innermost cause as its own words, without the objects that urllib3 prints around it."""
    inner: BaseException = error
    while True:
        deeper = (
            inner.__cause__
            or inner.__context__
            or next((argument for argument in inner.args if isinstance(argument, BaseException)), None)
        )
        if deeper is None or deeper is inner:
            break
        inner = deeper
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return str(inner).rpartition(">: ")[2] or type(inner).__name__
