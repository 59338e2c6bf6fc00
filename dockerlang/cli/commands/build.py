"""`dockerlang build`: an image from a Dockerfile, without a daemon."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from dockerlang.cli import process_limits
from dockerlang.cli.building import caches, calls, contexts, display, processes, results, settings
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.option_groups import take
from dockerlang.cli.session import Session
from dockerlang.records import record, replace

if TYPE_CHECKING:
    from pathlib import Path

    from dockerlang.builder.build import BuildRequest
    from dockerlang.builder.contexts.local import MainContext
    from dockerlang.builder.pulling import Pull, PullProgress
    from dockerlang.diagnostics import Diagnostic
    from dockerlang.oci.platform import Platform
    from dockerlang.oci.reference import Reference
    from dockerlang.store.store import Store
    from dockerlang.syntax import nodes


@click.command(cls=GoFlags)
@click.argument("context", metavar="PATH|URL|-")
@click.option(
    "-f", "--file", "file", default="", metavar="FILE|URL|-",
    help="The Dockerfile; - for standard input.  [default: PATH/Dockerfile]",
)  # fmt: skip
@results.options
@settings.options
@contexts.options
@processes.options
@calls.options
@caches.options
@process_limits.options
@click.option("--pull", "always_pulls", is_flag=True, help="Pull base images even if they are in the store.")
@display.options
@click.option("--max-parallelism", type=click.IntRange(1, 64), default=16, show_default=True, help="Steps at one time.")
@click.pass_obj
def command(
    session: Session,
    /,
    context: str,
    file: str,
    always_pulls: bool,
    max_parallelism: int,
    **values: Any,
) -> None:
    """Build an image from the Dockerfile in PATH, whose files are the build context.

    The context may be an archive, too, a git repository (URL#REF:DIRECTORY), the URL of an archive or of a Dockerfile,
    and either of these on standard input (-).

    Every step's result is an image of its own: `dockerlang images -a` lists them, and `dockerlang run -it ID sh` enters
    one. When a RUN fails, the message says how to enter the state at that moment, and the one before.

    \b
    Examples:
      dockerlang build -t app .
      dockerlang build -t app -f docker/app.Dockerfile --build-arg VERSION=2 .
      dockerlang build --target test --no-cache .
      dockerlang build --explain .
      dockerlang build https://example.org/app.git#v2:server
    """
    given = _Given(
        session=session,
        location=context,
        file=file,
        always_pulls=always_pulls,
        max_parallelism=max_parallelism,
        results=take(results.Results, values),
        settings=take(settings.Settings, values),
        contexts=take(contexts.Contexts, values),
        processes=take(processes.Processes, values),
        caches=take(caches.Caches, values),
        limits=take(process_limits.ProcessLimits, values),
        display=take(display.DisplayOptions, values),
    )
    call = take(calls.Calls, values)
    if not call.is_build:
        sys.exit(call.answer(given.opened().source, given.settings.build_options()))
    from dockerlang.runtime import rootless

    mapping = rootless.enter()
    if mapping.warning:
        click.echo(f"warning: {mapping.warning}", err=True)

    from dockerlang.store.store import Store

    sys.exit(_build(given, Store.open(session.root)))


@record
class _Given:
    """What the user asked for."""

    session: Session
    location: str
    file: str
    always_pulls: bool
    max_parallelism: int
    results: results.Results
    settings: settings.Settings
    contexts: contexts.Contexts
    processes: processes.Processes
    caches: caches.Caches
    limits: process_limits.ProcessLimits
    display: display.DisplayOptions

    def opened(self) -> MainContext:
        """The build context; what was brought here for it goes when the command ends."""
        build_args = self.settings.build_options().build_args
        opening = contexts.main_context(self.location, self.file, self.session.root, build_args)
        return click.get_current_context().with_resource(opening)


def _build(given: _Given, store: Store) -> int:
    """Build, show how it goes, and write what was asked for; the exit code."""
    from dockerlang.builder.build import build
    from dockerlang.builder.failure import BuildFailure

    given.results.prepare_files()
    request = _request(given, store)
    progress = given.display.display()
    listen = progress.listen
    executed: ExecutedSteps | None = None
    if not given.display.removes:
        from dockerlang.cli.building.kept import ExecutedSteps

        executed = ExecutedSteps(listen)
        listen = executed.listen
    debugger: Debugger | None = None
    if given.display.debug:
        from dockerlang.cli.building.failing import Debugger

        debugger = Debugger(progress, given.display.debug_state)
    try:
        with (
            process_limits.chosen_runtime(given.limits.runtime_name) as runtime,
            _agents(given) as agents,
            given.caches.opened(given.settings.build_args) as used,
            progress,
        ):
            request = replace(
                request,
                agents=agents,
                cache_from=used.sources,
                cache_to=used.targets,
                inlines_cache=used.is_inline,
                on_failed_step=None if debugger is None else debugger.look,
            )
            result = build(request, store, runtime, listen)
    except BuildFailure as failure:
        from dockerlang.cli.building.failing import end_of_failure

        if executed is not None:
            executed.keep(failure.build, store, failure.status)
        return end_of_failure(failure, store, given.display, debugger)
    if executed is not None:
        executed.keep(result.build, store)
    given.results.write_files(result)
    if given.display.quiet:
        click.echo(str(result.image.id), err=given.results.writes_to_standard_output())
    else:
        progress.finish(result, given.results.tags)
        if result.warnings:
            from dockerlang.cli.output.text import render_diagnostics

            render_diagnostics(request.source, result.warnings)
    given.display.explain_build(result.build, store)
    return 0


def _request(given: _Given, store: Store) -> BuildRequest:
    from dockerlang.builder.build import BuildRequest

    context = given.opened()
    resources = given.limits.resources(more=given.processes.resources)
    process_limits.warn_of_missing_limits(resources)
    return BuildRequest(
        source=context.source,
        context=context.files,
        ignore=context.ignore,
        options=replace(
            given.settings.build_options(),
            allowed=frozenset(given.processes.allowed),
            extra_hosts=given.processes.extra_hosts(),
            limits=given.processes.exec_limits(given.limits),
            contexts=given.contexts.named_contexts(),
            context_time=context.time,
        ),
        resources=resources,
        now=time.time_ns(),
        tags=given.results.references(),
        platforms=given.settings.all_platforms(),
        secrets=given.processes.secret_values(),
        network=given.processes.default_network(),
        max_parallelism=given.max_parallelism,
        checks=_checks,
        pull=_puller(store),
        always_pulls=given.always_pulls,
        outputs=given.results.outputs(),
        push=given.results.pusher(),
        is_squashed=given.results.squash,
        keeps_failures=not given.display.force_rm,
        warn=caches.warn,
    )


def _agents(given: _Given) -> AbstractContextManager[Mapping[str, Path]]:
    """The sockets of `--ssh`, which most builds do without."""
    if not given.processes.agents:
        return nullcontext({})
    from dockerlang.cli.building.agents import forwarded_agents

    return forwarded_agents(given.processes.agents)


def _checks(document: nodes.Document) -> tuple[Diagnostic, ...]:
    from dockerlang.linter.buildkit import all_checks

    return all_checks(document)


def _puller(store: Store) -> Pull:
    def pull(reference: Reference, platform: Platform, tell: Callable[[PullProgress], None]) -> None:
        from dockerlang.cli.building.pulling import pull_for_build

        pull_for_build(store, reference, platform, tell)

    return pull
