"""All that is known of a container, as the document that docker's `inspect` shows; only what we have is in it."""

from __future__ import annotations

from datetime import UTC, datetime

from dockerlang.containers.log import log_path
from dockerlang.containers.ports import published_ports
from dockerlang.containers.processes import main_process
from dockerlang.containers.settings import ContainerSettings, MountKind, read_settings
from dockerlang.errors import ConflictError
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import Container, ContainerState
from dockerlang.store.volumes import directory_size

_ZERO_TIME = "0001-01-01T00:00:00Z"


def inspect_container(store: StoreReader, container: Container, *, with_size: bool = False) -> dict[str, object]:
    """The document; with `with_size` also the bytes that the container wrote."""
    settings = read_settings(container)
    command = container.command or ("",)
    is_running = container.state is ContainerState.RUNNING
    document: dict[str, object] = {
        "Id": container.id,
        "Created": _time(container.created),
        "Path": command[0],
        "Args": list(command[1:]),
        "State": {
            "Status": container.state.value,
            "Running": is_running,
            "Pid": _pid(store, container) if is_running else 0,
            "ExitCode": container.exit_code or 0,
            "StartedAt": _time(settings.started if settings is not None else None),
            "FinishedAt": _time(settings.finished if settings is not None else None),
        },
        "Image": str(container.image),
        "LogPath": str(log_path(container)),
        "Name": f"/{container.name}",
    }
    if with_size:
        document["SizeRw"] = directory_size(container.upper)
    if settings is not None:
        document |= _settings(settings)
        document["NetworkSettings"] = {"Ports": _ports(settings) if is_running else {}}
    return document


def _settings(settings: ContainerSettings) -> dict[str, object]:
    config = settings.config
    return {
        "HostConfig": {
            "NetworkMode": settings.network,
            "PortBindings": _bindings(settings),
            "PublishAllPorts": settings.publishes_exposed,
            "ReadonlyRootfs": settings.is_read_only,
        },
        "Mounts": [
            {
                "Type": mount.kind.value,
                **({"Name": mount.name} if mount.kind is MountKind.VOLUME else {}),
                "Source": mount.source,
                "Destination": mount.target,
                "RW": mount.is_writable,
            }
            for mount in settings.mounts
        ],
        "Config": {
            "Hostname": settings.hostname,
            "User": config.user,
            **({"ExposedPorts": {key: {} for key in config.exposed_ports}} if config.exposed_ports else {}),
            "Tty": settings.has_terminal,
            "OpenStdin": settings.is_interactive,
            "Env": list(config.env) or None,
            "Cmd": None if config.cmd is None else list(config.cmd),
            "Volumes": {path: {} for path in config.volumes} or None,
            "WorkingDir": config.working_dir,
            "Entrypoint": None if config.entrypoint is None else list(config.entrypoint),
            "Labels": dict(sorted(settings.labels.items())),
        },
    }


def _bindings(settings: ContainerSettings) -> dict[str, object]:
    """What was asked for, by ports of the container; a port that may be any has none."""
    bindings: dict[str, list[dict[str, str]]] = {}
    for each in settings.publications:
        hosts = "" if not each.first else f"{each.first}" if each.first == each.last else f"{each.first}-{each.last}"
        bindings.setdefault(each.key, []).append({"HostIp": each.address, "HostPort": hosts})
    return dict(bindings)


def _ports(settings: ContainerSettings) -> dict[str, object]:
    """What came of it; null for a port that is exposed and not published."""
    published: dict[str, list[dict[str, str]]] = {}
    for each in published_ports(settings.ports):
        published.setdefault(each.key, []).append({"HostIp": each.address, "HostPort": str(each.host)})
    return {**dict.fromkeys(settings.config.exposed_ports), **published}


def _pid(store: StoreReader, container: Container) -> int:
    try:
        return main_process(store, container)
    except ConflictError:
        return 0


def _time(seconds: float | None) -> str:
    if seconds is None:
        return _ZERO_TIME
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
