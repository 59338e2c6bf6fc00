"""Turns a failed step into a diagnostic at the place in the Dockerfile that caused it."""

from __future__ import annotations

from dockerlang.builder.environment import Environment
from dockerlang.builder.export import export_failed, export_steps, images_by_vertex
from dockerlang.builder.failure import BuildFailure, context_failure
from dockerlang.builder.graph import ContextSource, GitSource, HttpSource, Vertex
from dockerlang.builder.lower.plan import Plan
from dockerlang.builder.missing_sources import missing_source
from dockerlang.builder.ops.downloading import without_credentials
from dockerlang.builder.ops.run import ProcessFailed
from dockerlang.builder.selection import MissingSource
from dockerlang.builder.solver import StepError
from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.syntax import nodes
from dockerlang.text import Source, Span

_SOURCES = (ContextSource, GitSource, HttpSource)


def explain_failure(error: StepError, source: Source, environment: Environment, plan: Plan) -> BuildFailure:
    """The failure to show for a step's error. The steps before it, and the state that it has left, become images."""
    operation, now = environment.operation, environment.now
    made = export_steps(plan.stages, error.results, operation, now, plan.epoch)
    image, failed_image = "", ""
    for stage in plan.stages:
        before = "" if stage.base_image is None else str(stage.base_image)
        for step in stage.steps:
            if step.vertex.digest == error.vertex.digest and not image:
                image = before
                if isinstance(error.cause, ProcessFailed) and error.cause.layer is not None:
                    below = error.results[error.vertex.inputs[0].digest].result.layers
                    failed_image = str(
                        export_failed(step, (*below, error.cause.layer), operation, now, str(error.cause))
                    )
            before = str(made.get(id(step), before))
    failure = explain(error, source, environment, image, failed_image)
    failure.step_images = images_by_vertex(plan.stages, made)
    return failure


def explain(
    error: StepError, source: Source, environment: Environment, image: str, failed_image: str = ""
) -> BuildFailure:
    """The failure to show for a step's error.

    `image` is the state before the step, `failed_image` that at the moment of failure, if it was kept.
    """
    vertex, cause = error.vertex, error.cause
    span = _place(vertex)
    match cause:
        case ProcessFailed():
            message = f"the command ended with exit code {cause.code}"
            diagnostic = Diagnostic("run-failed", Severity.ERROR, span, message)
            return BuildFailure(
                source,
                (diagnostic,),
                output=cause.tail,
                image=image,
                failed_image=failed_image,
                status=cause.code,
            )
        case MissingSource():
            trees = [error.results[parent.digest].result.files(environment) for parent in vertex.inputs[1:]]
            diagnostic = missing_source(cause.source, vertex, source, environment, trees)
        case _ if vertex.use is not None:
            value = _value(vertex if isinstance(vertex.op, _SOURCES) else vertex.inputs[-1], environment)
            return context_failure(source, vertex.use.place, vertex.use.key, value, cause)
        case _:
            diagnostic = Diagnostic("step-failed", Severity.ERROR, span, str(cause), help=cause.hint)
    return BuildFailure(source, (diagnostic,), image=image)


def _value(vertex: Vertex, environment: Environment) -> str:
    """What a named context is, in the words of `--build-context`."""
    match vertex.op:
        case HttpSource(url):
            return without_credentials(url)
        case GitSource(reference):
            return reference.with_fragment + (f":{reference.subdirectory}" if reference.subdirectory else "")
        case ContextSource(name):
            return environment.contexts[name].place
    raise AssertionError(vertex.op)


def _place(vertex: Vertex) -> Span:
    if vertex.origin is None:
        return Span(0, 0) if vertex.use is None else vertex.use.place
    instruction = vertex.origin.instruction
    if isinstance(instruction, nodes.Run) and instruction.command is not None:
        script = instruction.script
        return instruction.command.span if script is None else script.body_span
    return instruction.statement
