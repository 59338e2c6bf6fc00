"""Choosing containers for a listing, by docker's filters."""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence

from dockerlang.containers.ports import parse_exposed
from dockerlang.containers.settings import ContainerSettings, read_settings
from dockerlang.store.listing import BadFilterError, has_labels
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Container, ContainerState

FILTERS = ("ancestor", "exited", "expose", "id", "label", "name", "network", "publish", "status", "volume")


def select_containers(
    store: StoreReader, filters: Sequence[tuple[str, str]] = (), *, all: bool = False
) -> list[tuple[Container, ContainerSettings | None]]:
    """The containers that pass the filters, the newest first; those that do not run need `all` or a filter for them.

    Of several filters with one key one must fit, but all of several labels. Raises BadFilterError.
    """
    for key, value in filters:
        if key not in FILTERS:
            raise BadFilterError(f"Invalid filter '{key}'", hint=f"possible are {', '.join(FILTERS)}")
        if key == "status" and value not in {state.value for state in ContainerState}:
            raise BadFilterError(f"Invalid filter 'status={value}'", hint="there are created, running and exited")
        if key == "exited" and not value.isdecimal():
            raise BadFilterError(f"Invalid filter 'exited={value}'", hint="it is an exit code")
        if key in ("expose", "publish"):
            parse_exposed(value)
    all = all or any(key in ("status", "exited") for key, _ in filters)
    chosen = []
    for container in store.containers():
        if not all and container.state is not ContainerState.RUNNING:
            continue
        settings = read_settings(container)
        values: dict[str, list[str]] = {}
        for key, value in filters:
            values.setdefault(key, []).append(value)
        if builtins.all(_fits(store, container, settings, key, wanted) for key, wanted in values.items()):
            chosen.append((container, settings))
    return chosen


def _fits(
    store: StoreReader, container: Container, settings: ContainerSettings | None, key: str, values: list[str]
) -> bool:
    mounts = settings.mounts if settings is not None else ()
    match key:
        case "ancestor":
            images = [store.find(value) for value in values]
            return any(image is not None and image.id == container.image for image in images)
        case "exited":
            return container.state is ContainerState.EXITED and str(container.exit_code) in values
        case "expose" | "publish":
            wanted = {port for value in values for port in parse_exposed(value)}
            return not wanted.isdisjoint(_ports(container, settings, is_published=key == "publish"))
        case "id":
            return any(container.id.startswith(value) for value in values)
        case "label":
            return has_labels(settings.labels if settings is not None else {}, values)
        case "network":
            return settings is not None and settings.network in values
        case "name":
            return any(_matches(value, container.name) for value in values)
        case "status":
            return container.state.value in values
    return any(value in (mount.name, mount.target.rstrip("/")) for mount in mounts for value in values)


def _ports(container: Container, settings: ContainerSettings | None, *, is_published: bool) -> set[str]:
    """As in an image's config: those of the host at which something is published now, or the container's own."""
    if settings is None or (is_published and container.state is not ContainerState.RUNNING):
        return set()
    if is_published:
        return {f"{port.host}/{port.protocol}" for port in settings.ports}
    return set(settings.config.exposed_ports)


def _matches(pattern: str, name: str) -> bool:
    """Whether a name holds a pattern, which is a regular expression if it can be read as one; `/` may begin it."""
    try:
        return re.search(pattern, name) is not None or re.search(pattern, f"/{name}") is not None
    except re.error:
        return pattern in name
