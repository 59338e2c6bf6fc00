"""Pools of connections: one for each way to trust a host and each proxy between us and it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dockerlang.errors import InputError
from dockerlang.registry.hosts import HostCertificates, HostPolicy, certificates_for, is_loopback

if TYPE_CHECKING:
    import ssl

    from urllib3 import PoolManager

_CONNECT_TIMEOUT = 15.0
_READ_TIMEOUT = 60.0
_POOL_SIZE = 8
_BLOCK = 128 * 1024


class Connections:
    """Hands out the pool for an address, made when it is first needed."""

    def __init__(self, policy: HostPolicy) -> None:
        self._policy = policy
        self._pools: dict[tuple[str, str], PoolManager] = {}
        self._lock = threading.Lock()

    def of(self, url: str) -> PoolManager:
        """The pool for `url`; `InputError` for a certificate that cannot be used."""
        parts = urlsplit(url)
        host = parts.netloc
        proxy = _proxy(parts.scheme, host)
        certificates = None if parts.scheme == "http" else certificates_for(host, self._policy.certificates)
        is_own = certificates is not None or self._policy.is_insecure(host)
        key = (host if is_own else "", proxy)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._new_pool(host, certificates, proxy)
            return self._pools[key]

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()
            self._pools.clear()

    def _new_pool(self, host: str, certificates: HostCertificates | None, proxy: str) -> PoolManager:
        import urllib3

        is_verified = not self._policy.is_insecure(host)
        if not is_verified:
            # The user has allowed this very host; being warned at each request tells nobody anything.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        context = _tls(host, certificates, is_verified=is_verified)
        timeout = urllib3.Timeout(connect=_CONNECT_TIMEOUT, read=_READ_TIMEOUT)
        if proxy:
            return urllib3.ProxyManager(
                proxy, ssl_context=context, timeout=timeout, maxsize=_POOL_SIZE, blocksize=_BLOCK
            )
        return urllib3.PoolManager(ssl_context=context, timeout=timeout, maxsize=_POOL_SIZE, blocksize=_BLOCK)


def _tls(host: str, certificates: HostCertificates | None, *, is_verified: bool) -> ssl.SSLContext:
    import ssl

    found = certificates or HostCertificates()
    context = ssl.create_default_context() if is_verified else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # A host with an authority of its own is held to it, even where it need not be verified.
    if not is_verified and not found.authorities:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    file: Path | None = None
    try:
        for file in found.authorities:
            context.load_verify_locations(file)
        for file, key in found.clients:
            context.load_cert_chain(file, key)
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"{host}: its certificate {file} cannot be used: {error}") from None
    return context


def _proxy(scheme: str, host: str) -> str:
    """The proxy that the environment names for a host; empty for none. This machine needs none."""
    if is_loopback(host) or proxy_bypass(host):
        return ""
    return getproxies().get(scheme, "")
