"""`dockerlang build`: an image from a Dockerfile, without a daemon."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dockerlang.cli import process_limits
from dockerlang.cli.building import caches, calls, contexts, display, processes, results, settings
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.option_groups import take
from dockerlang.cli.session import Session

if TYPE_CHECKING:
    from dockerlang.builder.base_images import Pull
    from dockerlang.builder.build import BuildRequest
    from dockerlang.builder.contexts.local import MainContext
    from dockerlang.diagnostics import Diagnostic
    from dockerlang.oci.platform import Platform
    from dockerlang.oci.reference import Reference
    from dockerlang.store.store import Store
    from dockerlang.syntax import nodes


@click.command(cls=GoFlags)
@click.argument("context", metavar="PATH|URL|-")
@click.option(
    "-f", "--file", "file", default="", metavar="FILE",
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
@click.option("--max-parallelism", type=click.IntRange(1, 64), default=4, show_default=True, help="Steps at one time.")
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
    from dockerlang.builder.failure import BuildFailure
    from dockerlang.runtime import rootless

    call = take(calls.Calls, values)
    if not call.is_build:
        choices = take(settings.Settings, values)
        sys.exit(call.answer(_opened(context, file, session, choices).source, choices.build_options()))
    mapping = rootless.enter()
    if mapping.warning:
        click.echo(f"warning: {mapping.warning}", err=True)

    from dockerlang.builder.build import build
    from dockerlang.cli.building.agents import forwarded_agents
    from dockerlang.cli.ending import unwind_on_signals
    from dockerlang.store.store import Store

    unwind_on_signals()
    outcome = take(results.Results, values)
    shared = take(caches.Caches, values)
    choices = take(settings.Settings, values)
    given = take(processes.Processes, values)
    limits = take(process_limits.ProcessLimits, values)
    store = Store.open(session.root)
    # A live display owns the terminal.
    shown = take(display.DisplayOptions, values)
    pulls_quietly = shown.quiet or sys.stderr.isatty() or shown.progress in ("tty", "quiet", "none", "rawjson")
    request = _request(
        _opened(context, file, session, choices),
        outcome=outcome,
        tags=outcome.references(),
        choices=choices,
        named=take(contexts.Contexts, values),
        given=given,
        limits=limits,
        pull=_puller(store, is_quiet=pulls_quietly),
        always_pulls=always_pulls,
        max_parallelism=max_parallelism,
    )
    progress = shown.display()
    listen = progress.listen
    executed: ExecutedSteps | None = None
    if not shown.removes:
        from dockerlang.cli.building.kept import ExecutedSteps

        executed = ExecutedSteps(listen)
        listen = executed.listen
    try:
        with (
            process_limits.chosen_runtime(limits.runtime_name) as runtime,
            forwarded_agents(given.agents) as agents,
            shared.opened(choices.build_args) as used,
            progress,
        ):
            request = replace(request, agents=agents, keeps_failures=not shown.force_rm)
            request = replace(
                request,
                cache_from=used.sources,
                cache_to=used.targets,
                inlines_cache=used.is_inline,
                warn=caches.warn,
            )
            result = build(request, store, runtime, listen)
    except BuildFailure as failure:
        from dockerlang.cli.building.failing import end_of_failure

        if executed is not None:
            executed.keep(failure.build, store, failure.status)
        sys.exit(end_of_failure(failure, store, shown))
    if executed is not None:
        executed.keep(result.build, store)
    outcome.write_files(result)
    if shown.quiet:
        click.echo(str(result.image.id), err=outcome.writes_to_standard_output())
    else:
        progress.finish(result, outcome.tags)
    shown.explain_build(result.build, store)


def _opened(location: str, file: str, session: Session, choices: settings.Settings) -> MainContext:
    """The build context; what was brought here for it goes when the command ends."""
    opening = contexts.main_context(location, file, session.root, choices.build_options().build_args)
    return click.get_current_context().with_resource(opening)


def _request(
    context: MainContext,
    *,
    outcome: results.Results,
    tags: tuple[Reference, ...],
    choices: settings.Settings,
    named: contexts.Contexts,
    given: processes.Processes,
    limits: process_limits.ProcessLimits,
    pull: Pull,
    always_pulls: bool,
    max_parallelism: int,
) -> BuildRequest:
    from dockerlang.builder.build import BuildRequest

    resources = limits.resources(more=given.resources)
    process_limits.warn_of_missing_limits(resources)
    return BuildRequest(
        source=context.source,
        context=context.files,
        ignore=context.ignore,
        options=replace(
            choices.build_options(),
            allowed=frozenset(given.allowed),
            extra_hosts=given.extra_hosts(),
            limits=given.exec_limits(limits),
            contexts=named.named_contexts(),
        ),
        resources=resources,
        now=time.time_ns(),
        tags=tags,
        platforms=choices.all_platforms(),
        secrets=given.secret_values(),
        network=given.default_network(),
        max_parallelism=max_parallelism,
        checks=_checks,
        pull=pull,
        always_pulls=always_pulls,
        outputs=outcome.outputs(),
        push=outcome.pusher(),
        is_squashed=outcome.squash,
    )


def _checks(document: nodes.Document) -> tuple[Diagnostic, ...]:
    from dockerlang.linter.buildkit import all_checks

    return all_checks(document)


def _puller(store: Store, *, is_quiet: bool) -> Pull:
    def pull(reference: Reference, platform: Platform) -> None:
        from dockerlang.cli.pulling import pull_aside

        pull_aside(store, reference, platform, is_quiet=is_quiet)

    return pull
