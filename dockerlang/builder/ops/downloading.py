"""Downloads one file over HTTP, as contexts, Dockerfiles and ADD need it."""

from __future__ import annotations

import hashlib
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dockerlang import __version__
from dockerlang.errors import InputError, LimitError, StoreError
from dockerlang.records import record

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager
    from urllib3.exceptions import HTTPError

MAX_DOWNLOAD = 64 << 30
"""The largest file that is downloaded, in bytes."""
_CHUNK = 1 << 20
_TIMEOUT = 30.0
ATTEMPTS = 3
"""How often a request that failed for the moment is made again."""
_BACKOFF = 0.3
_PASSING = (429, 502, 503, 504)


@record
class Download:
    """A file that was downloaded: its SHA-256 in hex, and when it was last changed (nanoseconds; None if unsaid)."""

    sha256: str
    modified: int | None


def download(url: str, path: Path, *, limit: int = MAX_DOWNLOAD) -> Download:
    """Write what is behind a URL to a file; redirects are followed, and what fails for the moment is tried again.

    Raises `InputError` naming the URL and what went wrong, `LimitError` for more than `limit` bytes, `StoreError` where
    the file cannot be written.
    """
    import urllib3

    shown = without_credentials(url)
    try:
        # A passing failure is answered once more; how long a server asks us to wait is not our concern.
        retries = urllib3.Retry(
            ATTEMPTS,
            backoff_factor=_BACKOFF,
            status_forcelist=_PASSING,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        response = _pool(url).request(
            "GET",
            url,
            headers={"User-Agent": f"dockerlang/{__version__}", **_authorization(url)},
            preload_content=False,
            decode_content=False,
            retries=retries,
            timeout=_TIMEOUT,
        )
        if response.status != 200:
            raise InputError(f"{shown} answers {_status(response)}", hint=_hint(response.status))
        sha256 = _write(response, path, limit, shown)
    except urllib3.exceptions.HTTPError as error:
        raise InputError(
            f"cannot download {shown}: {_reason(error)}", hint="check the URL, and that this machine reaches it"
        ) from None
    return Download(sha256, _modified(response.headers.get("Last-Modified", "")))


def without_credentials(url: str) -> str:
    """A URL as messages show it: a password in it stays where it is."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _authorization(url: str) -> dict[str, str]:
    """The user and password that stand in a URL."""
    import urllib3

    parts = urlsplit(url)
    if parts.username is None:
        return {}
    from urllib.parse import unquote

    return urllib3.make_headers(basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")


def _pool(url: str) -> PoolManager:
    import urllib3

    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = "" if proxy_bypass(host) else getproxies().get(parts.scheme.lower(), "")
    return urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()


def _write(response: BaseHTTPResponse, path: Path, limit: int, shown: str) -> str:
    hasher = hashlib.sha256()
    size = 0
    try:
        with open(path, "wb") as file:
            for chunk in response.stream(_CHUNK):
                size += len(chunk)
                if size > limit:
                    response.close()
                    raise LimitError(f"{shown} has more than the {limit} bytes that are read")
                hasher.update(chunk)
                file.write(chunk)
    except OSError as error:
        raise StoreError(f"cannot keep {shown} at {path.parent}: {error.strerror}", hint="make room there") from None
    return hasher.hexdigest()


def _status(response: BaseHTTPResponse) -> str:
    return f"{response.status} {response.reason or ''}".rstrip()


def _hint(status: int) -> str:
    match status:
        case 401 | 403:
            return "it wants to know who asks: download it yourself, or in a RUN with a secret mount"
        case 404 | 410:
            return "check the URL: nothing is there"
        case _ if status >= 500:
            return "the server has a problem: try again later"
        case _:
            return "check the URL"


def _reason(error: HTTPError) -> str:
    """What went wrong in a few words, without the library's own wrappings."""
    import urllib3.exceptions as failures

    cause: BaseException = error
    while isinstance(cause, failures.MaxRetryError) and cause.reason is not None:
        cause = cause.reason
    match cause:
        case failures.ResponseError():
            return str(cause)
        case failures.NameResolutionError():
            return "its host is not known"
        case failures.NewConnectionError():
            return _last_words(cause)
        case failures.TimeoutError():
            return f"no answer within {_TIMEOUT:g} seconds"
        case failures.IncompleteRead() | failures.ProtocolError():
            return "the connection was cut before the end"
        case failures.SSLError():
            return f"its certificate is not trusted: {_last_words(cause)}"
        case failures.ProxyError():
            return f"the proxy does not let us through: {_last_words(cause)}"
        case _:
            return _last_words(cause)


def _last_words(error: BaseException) -> str:
    """The system's own words, which the library puts behind an object's name and a colon."""
    text = str(error).rpartition("] ")[2] or str(error)
    return text.rpartition(">: ")[2].rstrip("')")


def _modified(header: str) -> int | None:
    try:
        return max(int(parsedate_to_datetime(header).timestamp()), 0) * 10**9
    except (TypeError, ValueError):
        return None
