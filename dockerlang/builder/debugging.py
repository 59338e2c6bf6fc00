"""A RUN that failed, to be looked into while the build still holds what it had: its mounts, variables and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from itertools import takewhile

from dockerlang.builder.environment import Environment, Result
from dockerlang.builder.graph import Exec, Vertex
from dockerlang.builder.lower.state import StageState
from dockerlang.builder.ops.run import ProcessFailed, step_process
from dockerlang.builder.solver import StepError
from dockerlang.records import record, replace
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.process import Process
from dockerlang.runtime.root import Root
from dockerlang.semantics.shell import DEFAULT_SHELL

Attend = Callable[[NamespaceRuntime, Process, Root], int]
"""Runs a process whose streams are somebody's; its exit status."""


class Files(Enum):
    """What somebody who looks into a failed step finds."""

    AT_FAILURE = "failure"
    BEFORE = "before"


@record
class FailedStep:
    """The step and what it worked with; of use only while its build is not over."""

    op: Exec
    inputs: tuple[Result, ...]
    environment: Environment
    cause: ProcessFailed
    shell: tuple[str, ...]

    @property
    def has_left_files(self) -> bool:
        """Whether what the process had changed was kept."""
        return self.cause.layer is not None

    @property
    def script(self) -> str:
        """What failed, without the shell in front of it."""
        return self.op.script or self.op.args[-1]

    def enter(self, files: Files, attend: Attend) -> int:
        """Run the step's shell in place of its command, everything else being the same; what it changes is dropped.

        The exit status of the shell is returned. Raises what starting a process raises.
        """
        operation = self.environment.operation
        layers = self.inputs[0].layers
        if files is Files.AT_FAILURE and self.cause.layer is not None:
            layers = (*layers, self.cause.layer)
        root = Root.create(operation.scratch("debug"), operation.layer_trees(layers), is_volatile=True)
        # The build's own runtime has ended with the failure.
        with (
            NamespaceRuntime() as runtime,
            step_process(self.op, self.inputs, self.environment, runtime) as process,
        ):
            return attend(runtime, replace(process, args=self.shell), root)


def failed_step(error: StepError, stages: Iterable[StageState], environment: Environment) -> FailedStep | None:
    """The step behind an error; None where it is not the process of a RUN that failed."""
    op, cause = error.vertex.op, error.cause
    if not isinstance(op, Exec) or not isinstance(cause, ProcessFailed):
        return None
    inputs = tuple(error.results[parent.digest].result for parent in error.vertex.inputs)
    return FailedStep(op, inputs, environment, cause, _interactive(_shell_of(error.vertex, stages)))


def _shell_of(vertex: Vertex, stages: Iterable[StageState]) -> tuple[str, ...]:
    found = (step.state.shell for stage in stages for step in stage.steps if step.vertex.digest == vertex.digest)
    return next(found, DEFAULT_SHELL)


def _interactive(shell: tuple[str, ...]) -> tuple[str, ...]:
    """The shell to talk to: options such as `-ec` are for scripts, and would end it at the first mistake."""
    return (shell[0], *takewhile(lambda word: not word.startswith("-"), shell[1:]))
