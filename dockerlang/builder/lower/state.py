"""What a stage has come to at one of its lines: its files, its config, its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dockerlang.builder.graph import ImageSource, Vertex
from dockerlang.oci.config import ContainerConfig, History, ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.records import record, replace
from dockerlang.semantics.predefined import DEFAULT_PATH
from dockerlang.semantics.shell import DEFAULT_SHELL
from dockerlang.syntax import nodes

COMMENT = "buildkit.dockerfile.v0"

SCRATCH = Vertex(ImageSource("scratch", Digest("sha256", "0" * 64), ()))


@record
class Step:
    """What one instruction made: the state after it. `makes_layer` says that its history entry has a layer."""

    instruction: nodes.Instruction
    stage: str
    text: str
    vertex: Vertex
    image: ImageConfig
    makes_layer: bool


@record
class StageState:
    """A stage at one line; changed by `dataclasses.replace`.

    `image` has the config and the history so far; its diff IDs are those of the base only. `environment` is what
    expansion and RUN see: ENV and ARG, the last writer winning. `arguments` are the ARGs declared so far, in order.
    `has_command` tells a CMD of this stage from an inherited one. `base_image` is the image that the chain of stages
    began with (None for scratch), and `base_history` says how many entries of history it brought; `base_files` is what
    made its only layer where it is a named context and no image. `steps` are all steps
    since then, those of the stages below included.
    """

    name: str
    vertex: Vertex
    image: ImageConfig
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    has_command: bool = False
    base_image: Digest | None = None
    base_history: int = 0
    base_files: Vertex | None = None
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def config(self) -> ContainerConfig:
        """The container config so far."""
        return self.image.config

    @property
    def working_directory(self) -> str:
        """Where relative paths begin."""
        return self.config.working_dir or "/"

    @property
    def shell(self) -> tuple[str, ...]:
        """What runs the shell form."""
        return self.config.shell or DEFAULT_SHELL

    def with_config(self, config: ContainerConfig) -> StageState:
        """The state with another container config."""
        return replace(self, image=replace(self.image, config=config))

    def with_variable(self, name: str, value: str) -> StageState:
        """The state in which `name` has `value` for expansion and for RUN."""
        return replace(self, environment={**self.environment, name: value})

    def with_history(self, created_by: str, *, makes_layer: bool) -> StageState:
        """The state with one more entry of history."""
        entry = History(created_by=created_by, comment=COMMENT, empty_layer=not makes_layer)
        return replace(self, image=replace(self.image, history=(*self.image.history, entry)))


def scratch_state(name: str, platform: Platform) -> StageState:
    """The state after `FROM scratch`."""
    config = ContainerConfig(env=(f"PATH={DEFAULT_PATH}",), working_dir="/")
    image = ImageConfig(architecture=platform.architecture, os=platform.os, variant=platform.variant, config=config)
    return StageState(name, SCRATCH, image, {"PATH": DEFAULT_PATH})


def image_state(name: str, vertex: Vertex, base: ImageConfig, image_id: Digest, platform: Platform) -> StageState:
    """The state after `FROM` an image: its config and history, but not the time it was made."""
    environment = dict(variable.partition("=")[::2] for variable in base.config.env)
    config = base.config
    if "PATH" not in environment:
        environment["PATH"] = DEFAULT_PATH
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
    return StageState(name, vertex, image, environment, base_image=image_id, base_history=len(base.history))


def set_variable(variables: tuple[str, ...], name: str, value: str) -> tuple[str, ...]:
    """An image's Env with `name` set: in its place if it was there, else at the end."""
    made = f"{name}={value}"
    for index, variable in enumerate(variables):
        if variable.partition("=")[0] == name:
            return (*variables[:index], made, *variables[index + 1 :])
    return (*variables, made)
