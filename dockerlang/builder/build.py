"""A build from beginning to end: read, lower, solve, export."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from dockerlang.builder.base_images import StoreImages
from dockerlang.builder.contexts.opening import open_contexts
from dockerlang.builder.contexts.protocol import BuildContext
from dockerlang.builder.entitlements import refuse_what_is_not_allowed
from dockerlang.builder.environment import Environment, RuntimeSource
from dockerlang.builder.events import Listener
from dockerlang.builder.executor import Executor
from dockerlang.builder.export import export_steps, export_target, images_by_vertex
from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.graph import CopyFiles, in_order
from dockerlang.builder.lower.directives import fails_on_findings
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.lower.plan import Plan, lower
from dockerlang.builder.recording import Recorder, recorded
from dockerlang.builder.solver import Solved, Solver, StepError
from dockerlang.diagnostics import Diagnostic
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference
from dockerlang.records import record, replace
from dockerlang.runtime.limits import NO_LIMITS, Resources
from dockerlang.runtime.process import Network
from dockerlang.semantics.ignore import IgnoreFile
from dockerlang.store.builds import BuildRecord, Builds, new_build_id
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage
from dockerlang.store.store import Store
from dockerlang.syntax import nodes, parse
from dockerlang.text import Source

if TYPE_CHECKING:
    from dockerlang.builder.caching.exchange import CacheExport
    from dockerlang.builder.caching.places import CachePlace
    from dockerlang.builder.debugging import FailedStep
    from dockerlang.builder.graph import GitSource, HttpSource
    from dockerlang.builder.outputs.deliver import Push
    from dockerlang.builder.outputs.output import Output
    from dockerlang.builder.pulling import Pull
    from dockerlang.builder.reasons import Reasons
    from dockerlang.oci.descriptor import Descriptor
    from dockerlang.runtime.namespaces import NamespaceRuntime

MAX_PARALLELISM = 16


Checks = Callable[[nodes.Document], tuple[Diagnostic, ...]]


@record
class BuildRequest:
    """What is to be built. `now` is the time of what is made, in nanoseconds since 1970.

    `checks` finds what the checks of the linter find; it is asked only if the Dockerfile wants findings to be errors.
    `pull` gets base images that are not in the store, and all of them with `always_pulls`.
    Several `platforms` are joined in an index; none means that of the options. `outputs` say what becomes of the build,
    none means an image in the store under the `tags`; `push` sends one to a registry. With `is_squashed` all new layers
    become one.
    Steps that this machine's cache does not know come from `cache_from`; what was done is written to `cache_to`, and
    into the image's config with `inlines_cache`. `warn` is told of caches that cannot be used.
    `on_failed_step` may look into a RUN that failed, before the build is over.
    """

    source: Source
    context: Path | BuildContext
    ignore: IgnoreFile | None
    options: BuildOptions
    now: int
    tags: tuple[Reference, ...] = ()
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    agents: Mapping[str, Path] = field(default_factory=dict)
    checks: Checks | None = None
    pull: Pull | None = None
    always_pulls: bool = False
    network: Network | None = Network.HOST
    resources: Resources = NO_LIMITS
    max_parallelism: int = MAX_PARALLELISM
    platforms: tuple[Platform, ...] = ()
    outputs: tuple[Output, ...] = ()
    push: Push | None = None
    is_squashed: bool = False
    cache_from: tuple[CachePlace, ...] = ()
    cache_to: tuple[CacheExport, ...] = ()
    inlines_cache: bool = False
    warn: Callable[[str], None] = lambda message: None
    keeps_failures: bool = True
    on_failed_step: Callable[[BuildFailure, FailedStep], None] | None = None


@record
class BuildResult:
    """The image that was built, the images of the target's steps in order, and the ID of the build's record.

    `document` is the manifest or index by which others know the image, where an output makes one. Of several platforms
    the image is that for this machine, and the steps are those of the first. `warnings` tell of steps that did nothing.
    """

    image: StoredImage
    steps: tuple[str, ...]
    build: str = ""
    document: Descriptor | None = None
    warnings: tuple[Diagnostic, ...] = ()


def build(request: BuildRequest, store: Store, runtime: NamespaceRuntime | None, listener: Listener) -> BuildResult:
    """Build and tag an image; without a `runtime` one is started when it is needed, and ended.

    Raises `BuildFailure` for what the Dockerfile causes, other branches of `DockerlangError` for the rest. Whatever
    steps were done before a failure are images and stay in the cache.
    """
    record = BuildRecord(
        id=new_build_id(),
        started=request.now / 10**9,
        dockerfile=os.path.abspath(request.source.name),
        context=_place(request.context),
        target=request.options.target,
        tags=tuple(str(tag) for tag in request.tags),
    )
    with recorded(Builds(store.layout), record, listener) as recorder:
        return _build(request, store, runtime, recorder)


def _build(request: BuildRequest, store: Store, runtime: NamespaceRuntime | None, recorder: Recorder) -> BuildResult:
    source = RuntimeSource(runtime)
    with closing(source), store.operation("build") as operation:
        platforms = request.platforms or (request.options.platform,)
        plans = _plans(request, operation, platforms, recorder.listen)
        plan = plans[0]
        environment = _environment(request, store, operation, source)
        try:
            solved = _solve(request, plans, environment, recorder)
            stages = [stage for each in plans for stage in each.stages]
            made = export_steps(stages, solved, operation, request.now, plan.epoch)
            plans = _share(request, plans, solved, operation)
            image, descriptor = _deliver(request, plans, platforms, solved, operation)
        finally:
            store.build_cache.note_uses()
        recorder.end("done", image=str(image.id), images=images_by_vertex(stages, made))
        steps = tuple(str(made[id(step)]) for step in plan.target.steps)
        return BuildResult(image, steps, recorder.record.id, descriptor, _warnings(plans, solved, environment))


def _plans(
    request: BuildRequest, operation: Operation, platforms: tuple[Platform, ...], listener: Listener
) -> list[Plan]:
    """What is to be built for each platform; refused where the build does not allow what it asks for."""
    document = parse(request.source)
    bases = StoreImages(operation, request.pull, always_pulls=request.always_pulls, listener=listener)
    for name in _unknown_stages(request.options.no_cache_stages, document):
        request.warn(f"--no-cache-filter names `{name}`, and the Dockerfile has no such stage")
    options = replace(request.options, source_time=lambda source: _time_of(source, operation))
    plans = [lower(document, each, bases) for each in _by_platform(options, platforms)]
    if request.checks is not None and fails_on_findings(document, request.options.build_args):
        found = request.checks(document)
        if found:
            raise BuildFailure(request.source, found)
    for plan in plans:
        refuse_what_is_not_allowed(plan, request.options.allowed, request.source)
    return plans


def _unknown_stages(names: Iterable[str], document: nodes.Document) -> list[str]:
    froms = document.all_of(nodes.From) if names else ()
    known = {from_.stage.text.lower() for from_ in froms if from_.stage is not None}
    return sorted(name for name in names if name.lower() not in known)


def _time_of(source: GitSource | HttpSource, operation: Operation) -> int | None:
    from dockerlang.builder.source_times import time_of_source

    return time_of_source(source, operation)


def _environment(request: BuildRequest, store: Store, operation: Operation, source: RuntimeSource) -> Environment:
    return Environment(
        operation=operation,
        runtime=source,
        contexts=open_contexts(request.context, request.ignore, request.options.contexts, store.build_cache),
        now=request.now,
        secrets=request.secrets,
        agents=request.agents,
        network=request.network,
        resources=request.resources,
        starts_caches_afresh=request.options.no_cache,
        keeps_failures=request.keeps_failures,
    )


def _solve(
    request: BuildRequest, plans: list[Plan], environment: Environment, recorder: Recorder
) -> Mapping[str, Solved]:
    """The results of all vertices. Raises `BuildFailure` for a step that failed."""
    plan, operation = plans[0], environment.operation

    def reasons() -> Reasons:
        from dockerlang.builder.reasons import Reasons

        cache = operation.store.build_cache
        return Reasons(cache, recorder.record.dockerfile, plan.vertex, lambda vertex: _variables(plan, vertex))

    try:
        solver = Solver(Executor(environment), recorder.listen, reasons, request.max_parallelism)
        if request.cache_from:
            from dockerlang.builder.caching.exchange import ImportedSteps

            solver.imported = ImportedSteps(operation, request.cache_from, request.warn)
        return solver.solve([each.vertex for each in plans])
    except StepError as error:
        from dockerlang.builder.explain import explain_failure

        failure = explain_failure(error, request.source, environment, plan)
        failure.build = recorder.record.id
        if request.on_failed_step is not None:
            from dockerlang.builder.debugging import failed_step

            step = failed_step(error, plan.stages, environment)
            if step is not None:
                request.on_failed_step(failure, step)
        raise failure from None
    finally:
        for context in environment.contexts.values():
            context.remember()


def _warnings(plans: list[Plan], solved: Mapping[str, Solved], environment: Environment) -> tuple[Diagnostic, ...]:
    """What is to be said of steps that went well; of most there is nothing."""
    vertices = in_order(*(plan.vertex for plan in plans))
    copies = [vertex for vertex in vertices if isinstance(vertex.op, CopyFiles) and vertex.op.has_patterns]
    if not copies:
        return ()
    from dockerlang.builder.empty_copies import empty_copies

    return tuple(dict.fromkeys(empty_copies(copies, solved, environment)))


def _share(request: BuildRequest, plans: list[Plan], solved: Mapping[str, Solved], operation: Operation) -> list[Plan]:
    """Write what was done to the caches of other machines; the plans, with it in their configs where that is asked."""
    if not request.cache_to and not request.inlines_cache:
        return plans
    from dockerlang.builder.caching.exchange import export_cache, steps_of, with_inline_cache

    shared = steps_of([plan.vertex for plan in plans], solved)
    export_cache(operation, request.cache_to, shared, _layers(plans, solved), request.warn)
    if not request.inlines_cache:
        return plans
    return [with_inline_cache(plan, shared, _layers([plan], solved)) for plan in plans]


def _deliver(
    request: BuildRequest,
    plans: list[Plan],
    platforms: tuple[Platform, ...],
    solved: Mapping[str, Solved],
    operation: Operation,
) -> tuple[StoredImage, Descriptor | None]:
    """The image in the store under its names, or whatever else is asked for."""
    is_index = len(plans) > 1 or _joins_in_index(request.options.build_args)
    if request.outputs or request.is_squashed or is_index:
        from dockerlang.builder.outputs.finish import Wishes, finish

        return finish(
            zip(plans, platforms, strict=True),
            solved,
            operation,
            Wishes(request.now, request.tags, request.outputs, request.push, request.is_squashed, is_index),
        )
    plan = plans[0]
    image = export_target(plan.target, solved, operation, request.now, plan.epoch)
    for tag in request.tags:
        operation.tag(tag, image)
    return image, None


def _layers(plans: Iterable[Plan], solved: Mapping[str, Solved]) -> set[Digest]:
    """The layers of the results."""
    return {layer for plan in plans for layer in solved[plan.vertex.digest].result.layers}


def _by_platform(options: BuildOptions, platforms: tuple[Platform, ...]) -> tuple[BuildOptions, ...]:
    is_several = len(platforms) > 1
    return tuple(replace(options, platform=platform, names_platform=is_several) for platform in platforms)


def _joins_in_index(build_args: Mapping[str, str]) -> bool:
    """Whether BUILDKIT_MULTI_PLATFORM wants an index even over one image."""
    return build_args.get("BUILDKIT_MULTI_PLATFORM", "").lower() in ("1", "t", "true")


def _variables(plan: Plan, vertex: str) -> frozenset[str]:
    """The variables that ENV has set where a vertex was made."""
    for stage in plan.stages:
        for step in stage.steps:
            if step.vertex.digest == vertex:
                return frozenset(variable.partition("=")[0] for variable in step.state.variables.values())
    return frozenset()


def _place(context: Path | BuildContext) -> str:
    return str(context) if isinstance(context, Path) else context.place
