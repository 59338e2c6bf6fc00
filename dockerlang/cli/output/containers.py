"""The rows of `ps` as docker shows them: every value a string under the name templates know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dockerlang.cli.output.ports import ports_text
from dockerlang.cli.output.units import age, clock, human_duration
from dockerlang.containers.settings import ContainerSettings
from dockerlang.oci.digest import Digest
from dockerlang.store.records import Container, ContainerState

CONTAINER_HEADERS = {
    "ID": "CONTAINER ID",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "CreatedAt": "CREATED AT",
    "RunningFor": "CREATED",
    "State": "STATE",
    "Status": "STATUS",
    "Ports": "PORTS",
    "Names": "NAMES",
    "Labels": "LABELS",
    "Mounts": "MOUNTS",
    "Networks": "NETWORKS",
}
CONTAINER_TABLE = r"{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"
CONTAINER_RAW = {
    "ID": "container_id",
    "Image": "image",
    "Command": "command",
    "CreatedAt": "created_at",
    "State": "state",
    "Status": "status",
    "Names": "names",
    "Labels": "labels",
    "Ports": "ports",
}

_SHORT_ID = 12
_COMMAND_WIDTH = 20


def container_rows(
    containers: Iterable[tuple[Container, ContainerSettings | None]],
    names: Mapping[Digest, str],
    *,
    now: float,
    is_truncated: bool,
) -> list[dict[str, str]]:
    """A row for each container; `names` are those of images, and one without a name shows its ID."""
    return [
        {
            "ID": container.id[:_SHORT_ID] if is_truncated else container.id,
            "Image": names.get(container.image) or container.image.short,
            "Command": _quoted(" ".join(container.command), is_truncated=is_truncated),
            "CreatedAt": clock(container.created),
            "RunningFor": age(container.created, now),
            "State": container.state.value,
            "Status": _status(container, settings, now),
            "Ports": ports_text(settings) if settings and container.state is ContainerState.RUNNING else "",
            "Names": container.name,
            "Labels": ",".join(f"{name}={value}" for name, value in sorted(settings.labels.items()))
            if settings
            else "",
            "Mounts": ",".join(mount.name or mount.source for mount in settings.mounts) if settings else "",
            "Networks": settings.network if settings else "",
        }
        for container, settings in containers
    ]


def _status(container: Container, settings: ContainerSettings | None, now: float) -> str:
    match container.state:
        case ContainerState.CREATED:
            return "Created"
        case ContainerState.RUNNING:
            started = settings.started if settings is not None else None
            return f"Up {human_duration(now - (started or container.created))}"
        case ContainerState.EXITED:
            finished = settings.finished if settings is not None else None
            ago = f" {human_duration(now - finished)} ago" if finished is not None else ""
            return f"Exited ({container.exit_code}){ago}"


def _quoted(command: str, *, is_truncated: bool) -> str:
    if is_truncated and len(command) > _COMMAND_WIDTH:
        command = f"{command[: _COMMAND_WIDTH - 1]}…"
    escaped = command.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
