"""The image configuration: what runs, on which platform, and how the layers came about.

OCI image specification, "OCI Image Configuration", with docker's additions (healthcheck, ONBUILD triggers, shell).
The digest of these bytes is the image's ID, so the config of a pulled image is kept as it came; `ImageConfig.to_bytes`
is for images that are made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from dockerlang.oci.digest import Digest
from dockerlang.oci.document import Fields, read_object, without_empty, write_object
from dockerlang.oci.platform import Platform
from dockerlang.records import record

CONFIG_LIMIT = 8 * 1024 * 1024


@record
class Healthcheck:
    """How to find out whether a container is well. Durations are nanoseconds, 0 where the engine's default counts.

    `test` is empty (inherit), `("NONE",)`, `("CMD", argument...)` or `("CMD-SHELL", command)`.
    """

    test: tuple[str, ...] = ()
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0
    extra: Mapping[str, object] = field(default_factory=dict)


@record
class ContainerConfig:
    """What a container of the image starts with. `env` items are `NAME=value`; None stands for "not set"."""

    user: str = ""
    exposed_ports: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    volumes: tuple[str, ...] = ()
    working_dir: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = ""
    args_escaped: bool = False
    healthcheck: Healthcheck | None = None
    on_build: tuple[str, ...] = ()
    shell: tuple[str, ...] | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@record
class History:
    """One step of the image's making; `created` is an RFC 3339 time or empty. An empty layer has no diff ID."""

    created: str = ""
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False
    extra: Mapping[str, object] = field(default_factory=dict)


@record
class ImageConfig:
    """A whole image configuration; change it with `dataclasses.replace`. `extra` holds fields not named here.

    `created` is an RFC 3339 time as written, or empty. `history` may be shorter than `diff_ids`, or absent.
    """

    architecture: str
    os: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()
    author: str = ""
    created: str = ""
    config: ContainerConfig = field(default_factory=ContainerConfig)
    diff_ids: tuple[Digest, ...] = ()
    history: tuple[History, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def platform(self) -> Platform:
        """What the image runs on."""
        return Platform(self.os, self.architecture, self.variant, self.os_version)

    def to_bytes(self) -> bytes:
        """The canonical JSON: compact, without empty fields, top-level names sorted, the rest in the order of the spec.

        That is how BuildKit writes it. Fields not named here follow those that are.
        """
        optional = without_empty(
            [
                ("variant", self.variant),
                ("os.version", self.os_version),
                ("os.features", list(self.os_features)),
                ("author", self.author),
                ("created", self.created),
                ("history", [_history_to_json(step) for step in self.history]),
            ]
        )
        required: dict[str, object] = {
            "architecture": self.architecture,
            "os": self.os,
            "config": _container_to_json(self.config),
            "rootfs": {"type": "layers", "diff_ids": [str(diff_id) for diff_id in self.diff_ids]},
        }
        return write_object(dict(sorted((required | optional | dict(self.extra)).items())))


def parse_config(data: bytes) -> ImageConfig:
    """The configuration in `data`.

    Raises `LimitError` for more than 8 MiB, `InputError` for a document that is not an image configuration.
    """
    fields = Fields(read_object(data, what="image config", limit=CONFIG_LIMIT), "image config")
    rootfs = fields.nested("rootfs")
    if rootfs is None:
        fields.refuse("rootfs", "there")
    if rootfs.text("type") not in ("layers", ""):
        rootfs.refuse("type", "'layers'")
    container = fields.nested("config")
    return ImageConfig(
        architecture=fields.text("architecture"),
        os=fields.text("os"),
        variant=fields.text("variant"),
        os_version=fields.text("os.version"),
        os_features=fields.texts("os.features") or (),
        author=fields.text("author"),
        created=fields.text("created"),
        config=ContainerConfig() if container is None else _read_container(container),
        diff_ids=tuple(Digest.parse(text) for text in rootfs.texts("diff_ids") or ()),
        history=tuple(_read_history(step) for step in fields.list_of_nested("history")),
        extra=fields.rest,
    )


def layer_history(config: ImageConfig) -> tuple[History | None, ...]:
    """The step that made each layer, one for each diff ID; None where the history says nothing about it.

    Histories in the wild are absent, too short or too long: they are matched from the lowest layer up.
    """
    steps = [step for step in config.history if not step.empty_layer]
    return tuple(steps[index] if index < len(steps) else None for index in range(len(config.diff_ids)))


def _read_container(fields: Fields) -> ContainerConfig:
    healthcheck = fields.nested("Healthcheck")
    return ContainerConfig(
        user=fields.text("User"),
        exposed_ports=fields.names("ExposedPorts"),
        env=fields.texts("Env") or (),
        entrypoint=fields.texts("Entrypoint"),
        cmd=fields.texts("Cmd"),
        volumes=fields.names("Volumes"),
        working_dir=fields.text("WorkingDir"),
        labels=fields.mapping("Labels"),
        stop_signal=fields.text("StopSignal"),
        args_escaped=fields.flag("ArgsEscaped"),
        healthcheck=None if healthcheck is None else _read_healthcheck(healthcheck),
        on_build=fields.texts("OnBuild") or (),
        shell=fields.texts("Shell"),
        extra=fields.rest,
    )


def _read_healthcheck(fields: Fields) -> Healthcheck:
    return Healthcheck(
        test=fields.texts("Test") or (),
        interval=fields.integer("Interval") or 0,
        timeout=fields.integer("Timeout") or 0,
        start_period=fields.integer("StartPeriod") or 0,
        start_interval=fields.integer("StartInterval") or 0,
        retries=fields.integer("Retries") or 0,
        extra=fields.rest,
    )


def _read_history(fields: Fields) -> History:
    return History(
        created=fields.text("created"),
        created_by=fields.text("created_by"),
        author=fields.text("author"),
        comment=fields.text("comment"),
        empty_layer=fields.flag("empty_layer"),
        extra=fields.rest,
    )


def _container_to_json(config: ContainerConfig) -> dict[str, object]:
    plain = without_empty(
        [
            ("User", config.user),
            ("ExposedPorts", _set_to_json(config.exposed_ports)),
            ("Env", list(config.env)),
            ("Entrypoint", list(config.entrypoint or ())),
            ("Cmd", list(config.cmd or ())),
            ("Volumes", _set_to_json(config.volumes)),
            ("WorkingDir", config.working_dir),
            ("Labels", dict(sorted(config.labels.items()))),
            ("StopSignal", config.stop_signal),
            ("ArgsEscaped", config.args_escaped),
        ]
    )
    # A healthcheck without any field is written, since it is there.
    healthcheck = {} if config.healthcheck is None else {"Healthcheck": _healthcheck_to_json(config.healthcheck)}
    build = without_empty([("OnBuild", list(config.on_build)), ("Shell", list(config.shell or ()))])
    return plain | healthcheck | build | dict(config.extra)


def _healthcheck_to_json(healthcheck: Healthcheck) -> dict[str, object]:
    known = without_empty(
        [
            ("Test", list(healthcheck.test)),
            ("Interval", healthcheck.interval),
            ("Timeout", healthcheck.timeout),
            ("StartPeriod", healthcheck.start_period),
            ("StartInterval", healthcheck.start_interval),
            ("Retries", healthcheck.retries),
        ]
    )
    return known | dict(healthcheck.extra)


def _history_to_json(step: History) -> dict[str, object]:
    known = without_empty(
        [
            ("created", step.created),
            ("created_by", step.created_by),
            ("author", step.author),
            ("comment", step.comment),
            ("empty_layer", step.empty_layer),
        ]
    )
    return known | dict(step.extra)


def _set_to_json(names: Iterable[str]) -> dict[str, object]:
    return {name: {} for name in sorted(names)}
