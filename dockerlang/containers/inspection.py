"""All that is known of a container, as the document that docker's `inspect` shows; only what we have is in it."""

from __future__ import annotations

from datetime import UTC, datetime

from dockerlang.containers.log import log_path
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
    return document


def _settings(settings: ContainerSettings) -> dict[str, object]:
    config = settings.config
    return {
        "HostConfig": {"NetworkMode": settings.network, "ReadonlyRootfs": settings.is_read_only},
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


def _pid(store: StoreReader, container: Container) -> int:
    try:
        return main_process(store, container)
    except ConflictError:
        return 0


def _time(seconds: float | None) -> str:
    if seconds is None:
        return _ZERO_TIME
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
