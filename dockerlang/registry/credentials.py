"""Who we are at a registry: looked for where docker and podman keep it, in podman's order.

An explicit file; `$REGISTRY_AUTH_FILE`; `$DOCKER_AUTH_CONFIG` (the JSON itself); `containers/auth.json` in
`$XDG_RUNTIME_DIR` and in `$XDG_CONFIG_HOME`; `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`; `~/.dockercfg`.
The first that knows the host wins; inside a file `credHelpers` comes before `credsStore` before `auths`.
"""

from __future__ import annotations

import binascii
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dockerlang.errors import InputError
from dockerlang.records import record
from dockerlang.registry.credential_helpers import HelperProblem, ask_helper
from dockerlang.registry.hosts import HUB, HUB_API, HUB_CREDENTIALS, HUB_INDEX, credentials_key, host_of_key

_FILE_LIMIT = 1 << 20
_HUB_NAMES = frozenset({HUB, HUB_INDEX, HUB_API})


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A name and password; or an identity token, which buys tokens; or a token to be shown as it is.

    Has no `repr`, so that no log and no traceback can show it.
    """

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    @property
    def basic(self) -> str:
        """The value of `Authorization` that says name and password; empty without a name."""
        if not self.username:
            return ""
        return f"Basic {b64encode(f'{self.username}:{self.password}'.encode()).decode('ascii')}"


@record
class CredentialSources:
    """The documents to ask, in order, each with the name to show in errors. Made by `credential_sources`."""

    documents: tuple[tuple[str, Mapping[str, object]], ...] = field(default=(), repr=False)
    notify: Callable[[str], None] = lambda message: None

    def find(self, domain: str, path: str = "") -> Credentials | None:
        """What is known for a registry, or more exactly for a repository `path` in it; None for nothing."""
        for name, document in self.documents:
            found = self._in_document(name, document, domain, path)
            if found is not None:
                return found
        return None

    def _in_document(self, name: str, document: Mapping[str, object], domain: str, path: str) -> Credentials | None:
        helper = helper_for(document, domain)
        if helper:
            try:
                answer = ask_helper(helper, credentials_key(domain))
            except HelperProblem as problem:
                self.notify(f"{problem}; going on without it")
            else:
                if answer is not None:
                    username, secret = answer
                    if username == "<token>":
                        return Credentials(identity_token=secret)
                    return Credentials(username, secret)
        entry = _entry(document, domain, path)
        return None if entry is None else _read_entry(name, entry)


def credential_sources(
    explicit: Path | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
    notify: Callable[[str], None] = lambda message: None,
) -> CredentialSources:
    """Read every place that exists. Raises `InputError` for a file that is named explicitly and cannot be read.

    A damaged file among the others is passed over with a word to `notify`.
    """
    documents: list[tuple[str, Mapping[str, object]]] = []
    if explicit is not None:
        documents.append((str(explicit), read_credentials_file(explicit)))
    for name, read in _places(environment, home or Path.home()):
        try:
            data = read()
            if data is not None:
                documents.append((name, _read_document(name, data)))
        except InputError as error:
            notify(f"{error}; its credentials are not used")
    return CredentialSources(tuple(documents), notify)


def docker_config_file(environment: Mapping[str, str] = os.environ, home: Path | None = None) -> Path:
    """The file that `login` writes: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`."""
    directory = environment.get("DOCKER_CONFIG")
    return (Path(directory) if directory else (home or Path.home()) / ".docker") / "config.json"


def read_credentials_file(path: Path) -> Mapping[str, object]:
    """The document in a file; `InputError` where it cannot be read."""
    return _read_document(str(path), _content(path))


def helper_for(document: Mapping[str, object], domain: str) -> str:
    """The name of the helper program for a registry; empty for none."""
    helpers = document.get("credHelpers")
    if isinstance(helpers, dict):
        means = keys_of(domain)
        for key, helper in helpers.items():
            if means(key) and isinstance(helper, str):
                return helper
    store = document.get("credsStore")
    return store if isinstance(store, str) else ""


def encode_entry(credentials: Credentials) -> dict[str, str]:
    """Credentials as an entry of `auths`."""
    entry = {"auth": b64encode(f"{credentials.username}:{credentials.password}".encode()).decode("ascii")}
    if credentials.identity_token:
        entry["identitytoken"] = credentials.identity_token
    return entry


def keys_of(domain: str) -> Callable[[str], bool]:
    """Whether a key of `auths` means the registry."""
    names = _HUB_NAMES if domain in _HUB_NAMES else frozenset({domain})
    return lambda key: host_of_key(key) in names


def _places(environment: Mapping[str, str], home: Path) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    def file(path: Path) -> tuple[str, Callable[[], bytes | None]]:
        return str(path), lambda: _content(path) if path.is_file() else None

    if environment.get("REGISTRY_AUTH_FILE"):
        yield file(Path(environment["REGISTRY_AUTH_FILE"]))
    if environment.get("DOCKER_AUTH_CONFIG"):
        yield "$DOCKER_AUTH_CONFIG", environment["DOCKER_AUTH_CONFIG"].encode
    if environment.get("XDG_RUNTIME_DIR"):
        yield file(Path(environment["XDG_RUNTIME_DIR"]) / "containers" / "auth.json")
    yield file(Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json")
    yield file(docker_config_file(environment, home))
    yield file(home / ".dockercfg")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if len(data) > _FILE_LIMIT:
        raise InputError(f"{path} has more than {_FILE_LIMIT >> 20} MiB")
    return data


def _read_document(name: str, data: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        # The parser's message would show a piece of the secret.
        raise InputError(f"{name} is not valid JSON") from None
    if not isinstance(document, dict):
        raise InputError(f"{name} is not a JSON object")
    # The oldest file has the entries at its top.
    return {"auths": document} if name.endswith(".dockercfg") and "auths" not in document else document


def _entry(document: Mapping[str, object], domain: str, path: str) -> Mapping[str, object] | None:
    """The entry for the longest part of `domain/path` that has one; a key with a path is podman's invention."""
    entries = document.get("auths")
    if not isinstance(entries, dict):
        return None
    scopes = path.split("/") if path else []
    for length in range(len(scopes), 0, -1):
        entry = entries.get("/".join((domain, *scopes[:length])))
        if isinstance(entry, dict):
            return entry
    preferred = entries.get(HUB_CREDENTIALS) if domain in _HUB_NAMES else entries.get(domain)
    if isinstance(preferred, dict) and preferred:
        return preferred
    means = keys_of(domain)
    return next((entry for key, entry in entries.items() if means(key) and isinstance(entry, dict) and entry), None)


def _read_entry(name: str, entry: Mapping[str, object]) -> Credentials | None:
    def text(field_name: str) -> str:
        value = entry.get(field_name)
        return value if isinstance(value, str) else ""

    username, password = text("username"), text("password")
    if text("auth"):
        try:
            decoded = b64decode(text("auth"), validate=True).decode()
        except (binascii.Error, ValueError):
            raise InputError(f"{name}: an entry of `auths` is not base64", hint="log in again") from None
        username, _, password = decoded.strip("\0").partition(":")
    found = Credentials(username, password, text("identitytoken"), text("registrytoken"))
    return found if any((found.username, found.identity_token, found.registry_token)) else None
