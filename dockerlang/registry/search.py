"""Looking for repositories: Docker Hub's old search, which other registries may have, or else their catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from dockerlang.errors import InputError
from dockerlang.oci.document import Fields, read_object
from dockerlang.oci.reference import is_domain
from dockerlang.records import record
from dockerlang.registry.errors import RegistryError
from dockerlang.registry.host import RegistryHost
from dockerlang.registry.hosts import HUB
from dockerlang.registry.registry import Registries
from dockerlang.registry.repository import next_page
from dockerlang.registry.transport import Reply, Request

HUB_SEARCH = "https://index.docker.io"
LIMIT = 100
"""The largest number of results that can be asked for."""
_ANSWER_LIMIT = 16 << 20
_CATALOG_PAGE = 1000
_CATALOG_PAGES = 100


@record
class FoundRepository:
    """A repository that fits; `name` is as one would pull it."""

    name: str
    description: str = ""
    stars: int = 0
    is_official: bool = False


def search(registries: Registries, term: str, limit: int, *, hub: str = HUB_SEARCH) -> list[FoundRepository]:
    """What fits `term`, at most `limit` (1 to 100); `HOST/TERM` asks another registry than Docker Hub.

    Raises `InputError` for a limit out of range, `RegistryError` for a registry that cannot be searched.
    """
    if not 1 <= limit <= LIMIT:
        raise InputError(f"Limit {limit} is outside the range of [1, {LIMIT}]")
    domain, term = split_term(term)
    query = f"/v1/search?{urlencode({'q': term, 'n': limit})}"
    if domain == HUB:
        reply = registries.transport.send(Request("GET", f"{hub}{query}", {}))
        return list(_results(HUB, reply, ""))[:limit]
    host = _host(registries, domain)
    reply = host.request("GET", query, frozenset())
    if reply.status in (400, 404, 405):
        reply.finish()
        return _in_catalog(host, domain, term)[:limit]
    return list(_results(domain, reply, f"{domain}/"))[:limit]


def split_term(term: str) -> tuple[str, str]:
    """The registry that a search term names, Docker Hub where it names none, and the rest."""
    first, slash, rest = term.partition("/")
    if slash and is_domain(first) and (first == "localhost" or "." in first or ":" in first):
        return (HUB, rest) if first in (HUB, "index.docker.io") else (first, rest)
    return HUB, term.removeprefix("library/")


def _host(registries: Registries, domain: str) -> RegistryHost:
    credentials = registries.settings.credentials
    return RegistryHost(domain, registries.transport, lambda: credentials.find(domain))


def _results(domain: str, reply: Reply, prefix: str) -> Iterator[FoundRepository]:
    if reply.status != 200:
        raise _not_searchable(domain, reply)
    what = f"{domain}: the search result"
    document = Fields(read_object(reply.read(_ANSWER_LIMIT, decode=True), what=what, limit=_ANSWER_LIMIT), what)
    for item in document.list_of_nested("results"):
        yield FoundRepository(
            name=f"{prefix}{item.text('name')}",
            description=" ".join(item.text("description").split()),
            stars=item.integer("star_count") or 0,
            is_official=item.flag("is_official"),
        )


def _in_catalog(host: RegistryHost, domain: str, term: str) -> list[FoundRepository]:
    """Repositories whose name holds the term: what a registry without search can tell."""
    what = f"{domain}: the catalogue"
    names: list[str] = []
    target = f"/v2/_catalog?n={_CATALOG_PAGE}"
    for _ in range(_CATALOG_PAGES):
        reply = host.request("GET", target, frozenset({"registry:catalog:*"}))
        if reply.status != 200:
            raise _not_searchable(domain, reply)
        document = Fields(read_object(reply.read(_ANSWER_LIMIT, decode=True), what=what, limit=_ANSWER_LIMIT), what)
        names += document.texts("repositories") or ()
        target = next_page(reply)
        if not target:
            break
    return [FoundRepository(f"{domain}/{name}") for name in names if term in name]


def _not_searchable(domain: str, reply: Reply) -> RegistryError:
    reason = reply.reason()
    hint = f"`dockerlang login {domain}` first" if reply.status == 401 else "not every registry can be searched"
    return RegistryError(
        f"{domain} cannot be searched: it answered {reply.status}{f': {reason}' if reason else ''}", hint=hint
    )
