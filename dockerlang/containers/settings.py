"""What a container was made with and what became of it, kept as a file in its directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field
from enum import Enum

from dockerlang.containers.options import ContainerOptions
from dockerlang.containers.ports import Publication
from dockerlang.containers.process import environment_of
from dockerlang.errors import StoreError
from dockerlang.oci.config import ContainerConfig, ImageConfig, parse_config
from dockerlang.records import record, replace
from dockerlang.runtime.process import Port
from dockerlang.store.durability import write_file
from dockerlang.store.records import Container


class MountKind(Enum):
    """Where what is mounted comes from."""

    VOLUME = "volume"
    BIND = "bind"
    TMPFS = "tmpfs"


@record
class MountRecord:
    """One mount of a container: `name` is that of a volume, `source` a path of the host."""

    kind: MountKind
    target: str
    name: str = ""
    source: str = ""
    is_writable: bool = True
    is_anonymous: bool = False


@record
class ContainerSettings:
    """Beside the store's record; `ports` are what the `publications` became on the host.

    Times are in seconds since 1970, None for what has not happened.
    """

    image: ImageConfig
    hostname: str = ""
    network: str = "host"
    publications: tuple[Publication, ...] = ()
    publishes_exposed: bool = False
    ports: tuple[Port, ...] = ()
    has_terminal: bool = False
    is_interactive: bool = False
    is_read_only: bool = False
    capabilities: tuple[str, ...] = ()
    mounts: tuple[MountRecord, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    started: float | None = None
    finished: float | None = None

    @property
    def config(self) -> ContainerConfig:
        """The image's config with what the user said on top: what a commit keeps."""
        return self.image.config


def config_of(config: ContainerConfig, options: ContainerOptions, hostname: str) -> ContainerConfig:
    """The config of a container: the image's, with the user's command, variables, user and directory."""
    own = {"PATH", "HOSTNAME", "TERM"} - {variable.partition("=")[0] for variable in (*config.env, *options.env)}
    variables = environment_of(config, options, hostname)
    has_entrypoint = options.entrypoint is not None
    cmd = options.command or (None if has_entrypoint else config.cmd)
    exposed = (*config.exposed_ports, *options.exposed_ports, *(each.key for each in options.publications))
    return replace(
        config,
        exposed_ports=tuple(dict.fromkeys(exposed)),
        env=tuple(variable for variable in variables if variable.partition("=")[0] not in own),
        cmd=cmd or None,
        entrypoint=((options.entrypoint,) if options.entrypoint else None) if has_entrypoint else config.entrypoint,
        user=config.user if options.user is None else options.user,
        working_dir=options.working_dir or config.working_dir,
        labels={**config.labels, **options.labels},
    )


def write_settings(container: Container, settings: ContainerSettings) -> None:
    """Keep the settings in the container's directory."""
    document = {
        "hostname": settings.hostname,
        "network": settings.network,
        "publishes_exposed": settings.publishes_exposed,
        "publications": [asdict(publication) for publication in settings.publications],
        "ports": [asdict(port) for port in settings.ports],
        "has_terminal": settings.has_terminal,
        "is_interactive": settings.is_interactive,
        "is_read_only": settings.is_read_only,
        "capabilities": list(settings.capabilities),
        "mounts": [{**asdict(mount), "kind": mount.kind.value} for mount in settings.mounts],
        "labels": dict(settings.labels),
        "started": settings.started,
        "finished": settings.finished,
        "image": settings.image.to_bytes().decode("utf-8"),
    }
    write_file(container.directory / "settings.json", json.dumps(document).encode(), mode=0o600)


def read_settings(container: Container) -> ContainerSettings | None:
    """The settings of a container; None for one that is only just being made, or was made without them."""
    path = container.directory / "settings.json"
    try:
        document = json.loads(path.read_bytes())
        mounts = tuple(MountRecord(**{**mount, "kind": MountKind(mount["kind"])}) for mount in document.pop("mounts"))
        image = parse_config(document.pop("image").encode("utf-8"))
        capabilities = tuple(document.pop("capabilities"))
        publications = tuple(Publication(**publication) for publication in document.pop("publications", ()))
        ports = tuple(Port(**port) for port in document.pop("ports", ()))
        return ContainerSettings(
            image=image,
            mounts=mounts,
            capabilities=capabilities,
            publications=publications,
            ports=ports,
            **document,
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"cannot read {path}: {error}", hint="remove the container") from None
