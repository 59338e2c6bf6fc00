"""Where an image is really fetched from: mirrors and other locations, as `registries.conf` (version 2) says.

containers-registries.conf(5): of all tables the one with the longest fitting `prefix` counts. Its mirrors are asked in
their order, and the location that it stands for last. `$CONTAINERS_REGISTRIES_CONF` names another file.

A name without a registry is one of Docker Hub's here, as for docker: `unqualified-search-registries` and the aliases
that distributions ship are for other tools. The aliases in a user's own file say where such a name is fetched from.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from dockerlang.errors import InputError
from dockerlang.oci.reference import Reference, parse_reference, read_name
from dockerlang.records import record
from dockerlang.registry.errors import DeniedError

_WILDCARD = "*."


@record
class Location:
    """A registry or a part of one, such as `mirror.example:5000/hub`; which references it serves."""

    name: str
    is_insecure: bool = False
    serves_tags: bool = True
    serves_digests: bool = True

    @property
    def host(self) -> str:
        """The host with its port."""
        return self.name.partition("/")[0]


@record
class RegistryRule:
    """What holds for every repository whose name begins with `prefix`. An empty `origin` leaves names as they are."""

    prefix: str
    origin: Location
    mirrors: tuple[Location, ...] = ()
    is_blocked: bool = False

    def fits(self, repository: str) -> bool:
        """Whether the rule is for the repository, a whole name such as `docker.io/library/alpine`."""
        if self.prefix.startswith(_WILDCARD):
            return repository.partition("/")[0].endswith(self.prefix.removeprefix("*"))
        return repository == self.prefix or repository.startswith(f"{self.prefix}/")


def sources_of(rules: tuple[RegistryRule, ...], reference: Reference) -> tuple[Reference, ...]:
    """The repositories to ask for a reference, mirrors first; `DeniedError` where its registry is blocked."""
    rule = max((rule for rule in rules if rule.fits(reference.name)), key=lambda rule: len(rule.prefix), default=None)
    if rule is None:
        return (reference,)
    if rule.is_blocked:
        raise DeniedError(f"{reference.familiar}: registries.conf blocks {rule.prefix}")
    usable = [mirror for mirror in rule.mirrors if (mirror.serves_digests if reference.digest else mirror.serves_tags)]
    return tuple(_moved(reference, rule.prefix, location) for location in (*usable, rule.origin))


def insecure_hosts(rules: tuple[RegistryRule, ...]) -> frozenset[str]:
    """The hosts that need no verified TLS."""
    locations = (location for rule in rules for location in (rule.origin, *rule.mirrors))
    return frozenset(location.host for location in locations if location.is_insecure and location.name)


def registry_rules(
    environment: Mapping[str, str] = os.environ, notify: Callable[[str], None] = lambda message: None
) -> tuple[RegistryRule, ...]:
    """The rules of this user, else of this machine; a file that cannot be read is passed over with a word."""
    rules: tuple[RegistryRule, ...] = ()
    for path, is_own in _files(environment):
        try:
            # A later file replaces the tables of the same prefix.
            found = read_rules(path, with_aliases=is_own)
        except InputError as error:
            notify(f"{error}; its mirrors are not used")
            continue
        replaced = {rule.prefix for rule in found}
        rules = (*(rule for rule in rules if rule.prefix not in replaced), *found)
    return rules


def read_rules(path: Path, *, with_aliases: bool = False) -> tuple[RegistryRule, ...]:
    """The rules in one file; `InputError` where it cannot be read or understood."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        aliases = document.get("aliases", {}) if with_aliases else {}
        return (
            *(_rule(table) for table in document.get("registry", [])),
            *(_alias(name, aliases) for name in aliases),
        )
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, AttributeError, TypeError) as error:
        raise InputError(f"{path}: {error}") from None


def _files(environment: Mapping[str, str]) -> list[tuple[Path, bool]]:
    """The files to read, and whether each is the user's own."""
    named = environment.get("CONTAINERS_REGISTRIES_CONF")
    if named:
        return [(Path(named), True)]
    config = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config") / "containers"
    machine = Path("/etc/containers")
    main = next((path for folder in (config, machine) if (path := folder / "registries.conf").is_file()), None)
    parts = [part for folder in (machine, config) for part in sorted((folder / "registries.conf.d").glob("*.conf"))]
    return [(path, path.is_relative_to(config)) for path in (*([main] if main else []), *parts)]


def _alias(name: str, aliases: Mapping[str, object]) -> RegistryRule:
    target = _text(aliases, name)
    read_name(target)
    return RegistryRule(parse_reference(name).name, Location(target))


def _rule(table: Mapping[str, object]) -> RegistryRule:
    location, prefix = _text(table, "location"), _text(table, "prefix")
    if not (location or prefix):
        raise ValueError("a [[registry]] has neither prefix nor location")
    by_digest_only = table.get("mirror-by-digest-only") is True
    mirrors = table.get("mirror", [])
    if not isinstance(mirrors, list):
        raise TypeError("`mirror` must be a table")
    return RegistryRule(
        prefix=prefix or location,
        origin=Location(location, table.get("insecure") is True),
        mirrors=tuple(_mirror(mirror, by_digest_only=by_digest_only) for mirror in mirrors),
        is_blocked=table.get("blocked") is True,
    )


def _mirror(table: Mapping[str, object], *, by_digest_only: bool) -> Location:
    serves = _text(table, "pull-from-mirror") or ("digest-only" if by_digest_only else "all")
    return Location(
        _text(table, "location"),
        table.get("insecure") is True,
        serves_tags=serves in ("all", "tag-only"),
        serves_digests=serves in ("all", "digest-only"),
    )


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise TypeError(f"`{name}` must be a string")
    return value.rstrip("/")


def _moved(reference: Reference, prefix: str, location: Location) -> Reference:
    if not location.name:
        return reference
    rest = f"/{reference.path}" if prefix.startswith(_WILDCARD) else reference.name.removeprefix(prefix)
    moved = read_name(f"{location.name}{rest}")
    return Reference(moved.domain, moved.path, reference.tag, reference.digest)
