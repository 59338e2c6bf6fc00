"""Instructions that change an image's metadata, one a line, as `commit` and `import` take them with `--change`.

They are read and applied as in a Dockerfile whose base image has the config so far.
"""

from __future__ import annotations

from collections.abc import Sequence

from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.lower import metadata
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.state import SCRATCH, StageState, state_of
from dockerlang.errors import InputError
from dockerlang.oci.config import ContainerConfig, ImageConfig
from dockerlang.records import replace
from dockerlang.semantics.workdir import working_directory
from dockerlang.syntax import nodes
from dockerlang.syntax.check import problems
from dockerlang.syntax.document import parse
from dockerlang.text import Source

_BASE = "FROM scratch\n"
_POSSIBLE = "CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR"


def apply_changes(config: ContainerConfig, lines: Sequence[str]) -> ContainerConfig:
    """The config after the instructions; `InputError` for one that is not allowed here or wrong."""
    for line in lines:
        config = _apply(config, line)
    return config


def _apply(config: ContainerConfig, line: str) -> ContainerConfig:
    source = Source("change", _BASE + line)
    document = parse(source)
    instructions = [item for item in document.items if isinstance(item, nodes.Instruction)][1:]
    if len(instructions) != 1:
        raise InputError(f"{line!r} is not one instruction", hint=f"possible are {_POSSIBLE}")
    for problem in problems(document):
        if problem.span.start >= len(_BASE):
            raise InputError(f"{line}: {problem.message}", hint=problem.help)
    image = ImageConfig(architecture="", os="", config=config)
    # A CMD of the container stays below a new ENTRYPOINT: the changes are one image's, not a new stage.
    state = replace(state_of("change", SCRATCH, image), has_command=True)
    try:
        return _changed(state, instructions[0], Expander(source)).image.config
    except BuildFailure as error:
        raise InputError(f"{line}: {error}") from None


def _changed(state: StageState, instruction: nodes.Instruction, expander: Expander) -> StageState:
    match instruction:
        case nodes.Maintainer() | nodes.Shell():
            changed = None
        case nodes.Workdir(path=path) if path is not None:
            directory = working_directory(state.working_directory, expander.word(path, state.environment))
            changed = state.with_settings(working_dir=directory)
        case _:
            changed = metadata.change(state, instruction, expander)
    if changed is None:
        keyword = instruction.keyword.text
        raise InputError(f"{keyword!r} is not a change that can be made here", hint=f"possible are {_POSSIBLE}")
    return changed
