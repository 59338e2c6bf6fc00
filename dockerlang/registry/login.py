"""Logging in and out: credentials are tried at the registry, then kept where docker keeps them.

A helper that `config.json` names keeps the secret; without one it stands in the file, readable by its owner alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from dockerlang.errors import InputError
from dockerlang.registry.credential_helpers import erase_from_helper, tell_helper
from dockerlang.registry.credentials import Credentials, encode_entry, helper_for, keys_of, read_credentials_file
from dockerlang.registry.errors import RegistryError, UnauthorizedError
from dockerlang.registry.host import RegistryHost
from dockerlang.registry.hosts import credentials_key
from dockerlang.registry.registry import Registries


def verify_credentials(registries: Registries, domain: str, credentials: Credentials) -> None:
    """Raise `UnauthorizedError` where the registry does not accept them, `RegistryError` where it is none."""
    host = RegistryHost(domain, registries.transport, lambda: credentials)
    reply = host.request("GET", "/v2/", frozenset())
    status, reason = reply.status, reply.reason()
    if status == 401:
        raise UnauthorizedError(
            f"login to {domain} failed: unauthorized: {reason or 'incorrect username or password'}",
            hint="check both; many registries want an access token instead of the password",
        )
    if status not in (200, 403):
        said = f": {reason}" if reason else ""
        raise RegistryError(f"login to {domain} failed: it answered {status}{said}", hint="is a registry there?")


def keep_credentials(file: Path, domain: str, credentials: Credentials) -> str:
    """Keep credentials; the name of the helper that has them, empty where they stand in `file`."""
    document = _document(file)
    key = credentials_key(domain)
    helper = helper_for(document, domain)
    entries = _without(document, domain)
    if helper:
        tell_helper(helper, key, credentials.username or "<token>", credentials.identity_token or credentials.password)
        entries[key] = {}
    else:
        entries[key] = encode_entry(credentials)
    _write(file, {**document, "auths": entries})
    return helper


def forget_credentials(file: Path, domain: str) -> bool:
    """Forget what is kept for a registry; whether there was anything."""
    document = _document(file)
    helper = helper_for(document, domain)
    if helper:
        erase_from_helper(helper, credentials_key(domain))
    entries = _without(document, domain)
    if entries == document.get("auths", {}):
        return bool(helper)
    _write(file, {**document, "auths": entries})
    return True


def _document(file: Path) -> Mapping[str, object]:
    return read_credentials_file(file) if file.exists() else {}


def _without(document: Mapping[str, object], domain: str) -> dict[str, object]:
    """The entries of `auths` but those for the registry."""
    entries = document.get("auths")
    means = keys_of(domain)
    return {key: entry for key, entry in entries.items() if not means(key)} if isinstance(entries, dict) else {}


def _write(file: Path, document: Mapping[str, object]) -> None:
    """Replace the file as a whole, never readable by others, not even for a moment."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The file may be a link into a place where its owner keeps such files.
        target = file.resolve()
        temporary = target.with_name(f".{target.name}.{uuid4().hex}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump(document, stream, indent="\t", ensure_ascii=False)
                stream.write("\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, target)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}") from None
