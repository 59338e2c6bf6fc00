"""What a stage has come to at one of its lines: its files, its config, its variables."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from dockerlang.builder.graph import ImageSource, Vertex
from dockerlang.oci.config import ContainerConfig, History, ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.records import record, replace
from dockerlang.semantics.growing import Settings, Trail
from dockerlang.semantics.predefined import DEFAULT_PATH
from dockerlang.semantics.shell import DEFAULT_SHELL
from dockerlang.syntax import nodes

COMMENT = "buildkit.dockerfile.v0"

NOTHING = Settings()

SCRATCH = Vertex(ImageSource("scratch", Digest("sha256", "0" * 64), ()))


@record
class Step:
    """What one instruction made: `state` is what it left. `makes_layer` says that its history entry has a layer."""

    instruction: nodes.Instruction
    stage: str
    text: str
    state: StageState
    makes_layer: bool

    @property
    def vertex(self) -> Vertex:
        """What the files after the step are made of."""
        return self.state.vertex

    @property
    def image(self) -> ImageConfig:
        """The image as it is after the step, without the diff IDs of new layers."""
        return self.state.image


@record
class StageState:
    """A stage at one line; changed by `replace`.

    The image so far is in parts, so that no instruction has to copy what all before it have made: `frame` has what an
    instruction replaces as a whole, the rest is in what grows; `image` puts them together. `environment` is what
    expansion and RUN see: ENV and ARG, the last writer winning. `arguments` are the ARGs declared so far, in order.
    `has_command` tells a CMD of this stage from an inherited one. `base_image` is the image that the chain of stages
    began with (None for scratch), and `base_history` says how many entries of history it brought; `base_files` is what
    made its only layer where it is a named context and no image. `steps` are all steps
    since then, those of the stages below included.
    """

    name: str
    vertex: Vertex
    frame: ImageConfig
    environment: Settings
    variables: Settings
    labels: Settings
    history: Trail[History] = field(default_factory=Trail)
    ports: Settings = NOTHING
    volumes: Settings = NOTHING
    triggers: Trail[str] = field(default_factory=Trail)
    arguments: Settings = NOTHING
    has_command: bool = False
    base_image: Digest | None = None
    base_history: int = 0
    base_files: Vertex | None = None
    steps: Trail[Step] = field(default_factory=Trail, repr=False)

    @property
    def image(self) -> ImageConfig:
        """The config and the history so far; its diff IDs are those of the base only."""
        config = replace(
            self.frame.config,
            env=tuple(self.variables.values()),
            labels=dict(self.labels),
            exposed_ports=tuple(sorted(self.ports)),
            volumes=tuple(sorted(self.volumes)),
            on_build=tuple(self.triggers),
        )
        return replace(self.frame, config=config, history=tuple(self.history))

    @property
    def settings(self) -> ContainerConfig:
        """What instructions replace as a whole: user, directory, shell, commands."""
        return self.frame.config

    @property
    def working_directory(self) -> str:
        """Where relative paths begin."""
        return self.settings.working_dir or "/"

    @property
    def shell(self) -> tuple[str, ...]:
        """What runs the shell form."""
        return self.settings.shell or DEFAULT_SHELL

    def with_settings(self, **changes: Any) -> StageState:
        """The state with other settings, by the names that they have in a `ContainerConfig`."""
        return replace(self, frame=replace(self.frame, config=replace(self.settings, **changes)))

    def with_argument(self, name: str, value: str | None) -> StageState:
        """The state in which ARG has declared `name`, with a value or without."""
        declared = self if name in self.arguments else replace(self, arguments=self.arguments.plus(name, ""))
        return declared if value is None else declared.with_variable(name, value)

    def with_variable(self, name: str, value: str) -> StageState:
        """The state in which `name` has `value` for expansion and for RUN."""
        return replace(self, environment=self.environment.plus(name, value))

    def with_history(self, created_by: str, *, makes_layer: bool) -> StageState:
        """The state with one more entry of history."""
        entry = History(created_by=created_by, comment=COMMENT, empty_layer=not makes_layer)
        return replace(self, history=self.history.plus(entry))


def scratch_state(name: str, platform: Platform) -> StageState:
    """The state after `FROM scratch`."""
    config = ContainerConfig(env=(f"PATH={DEFAULT_PATH}",), working_dir="/")
    image = ImageConfig(architecture=platform.architecture, os=platform.os, variant=platform.variant, config=config)
    return state_of(name, SCRATCH, image)


def image_state(name: str, vertex: Vertex, base: ImageConfig, image_id: Digest, platform: Platform) -> StageState:
    """The state after `FROM` an image: its config and history, but not the time it was made."""
    config = base.config
    if not any(variable.startswith("PATH=") or variable == "PATH" for variable in config.env):
        config = replace(config, env=(*config.env, f"PATH={DEFAULT_PATH}"))
    image = ImageConfig(
        architecture=platform.architecture,
        os=platform.os,
        variant=platform.variant,
        author=base.author,
        config=replace(config, on_build=()),
        diff_ids=base.diff_ids,
        history=base.history,
    )
    return replace(state_of(name, vertex, image), base_image=image_id, base_history=len(base.history))


def state_of(name: str, vertex: Vertex, image: ImageConfig) -> StageState:
    """The state in which an image is what there is so far."""
    config = image.config
    return StageState(
        name,
        vertex,
        frame=replace(image, history=()),
        environment=Settings(variable.partition("=")[::2] for variable in config.env),
        variables=_by_name(config.env),
        labels=Settings(config.labels),
        history=Trail(image.history),
        ports=Settings((port, "") for port in config.exposed_ports),
        volumes=Settings((volume, "") for volume in config.volumes),
        triggers=Trail(config.on_build),
    )


def _by_name(variables: tuple[str, ...]) -> Settings:
    """The items of an image's Env by the names that they set; of two with one name ENV changes the first."""
    items: dict[str, str] = {}
    for number, variable in enumerate(variables):
        name = variable.partition("=")[0]
        items[f"{number}={name}" if name in items else name] = variable
    return Settings(items)
