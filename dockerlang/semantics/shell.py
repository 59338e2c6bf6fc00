"""Which shell runs the shell form of a command at a line, and the arguments that a command stands for."""

from __future__ import annotations

from collections.abc import Callable

from dockerlang.semantics.stages import Stage, Stages
from dockerlang.syntax import nodes

DEFAULT_SHELL = ("/bin/sh", "-c")
"""What runs the shell form where no SHELL says otherwise (on Linux)."""


def shell_at(
    stages: Stages, instruction: nodes.Instruction, base_of: Callable[[Stage], Stage | None]
) -> tuple[str, ...]:
    """The shell in force just before an instruction: the last SHELL of its stage or of the stages below it.

    A SHELL of the base image is not known here.
    """
    stage = stages.stage_of(instruction)
    before = _offset(instruction)
    while stage is not None:
        for earlier in reversed(stage.instructions):
            command = earlier.command if isinstance(earlier, nodes.Shell) else None
            if isinstance(command, nodes.ExecForm) and earlier.keyword.span.start < before:
                return command.arguments
        stage = base_of(stage)
    return DEFAULT_SHELL


def argv(command: nodes.Command | None, shell: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments that a command is started with: the array as it is, or the shell with the text behind it.

    No command at all is an empty text.
    """
    match command:
        case nodes.ExecForm():
            return command.arguments
        case nodes.ShellForm(text=text):
            return (*shell, text)
        case None:
            return (*shell, "")


def _offset(instruction: nodes.Instruction) -> int:
    return instruction.keyword.span.start
