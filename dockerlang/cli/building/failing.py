"""The end of a build that failed: what is printed, and with `--debug` a shell in what the failed step has left."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from dockerlang.cli.output.build_failure import print_failure
from dockerlang.errors import DockerlangError

if TYPE_CHECKING:
    from dockerlang.builder.debugging import FailedStep
    from dockerlang.builder.failure import BuildFailure
    from dockerlang.cli.building.display import DisplayOptions
    from dockerlang.cli.output.progress import Display
    from dockerlang.runtime.namespaces import NamespaceRuntime
    from dockerlang.runtime.process import Process
    from dockerlang.runtime.root import Root
    from dockerlang.store.store import Store


class Debugger:
    """`--debug`: tells of a failed RUN while the build still has all that it needed, and opens a shell there."""

    def __init__(self, display: Display, state: str) -> None:
        self._display = display
        self._state = state
        self.has_told = False

    def look(self, failure: BuildFailure, step: FailedStep) -> None:
        """Print the failure and let the user look around until the shell ends."""
        from dockerlang.builder.debugging import Files

        self._display.stop()
        print_failure(failure)
        self.has_told = True
        files = Files(self._state) if step.has_left_files else Files.BEFORE
        when = "at the moment of failure" if files is Files.AT_FAILURE else "before the step"
        click.echo(f"{step.shell[0]}, with all that the step had, in the files {when}.", err=True)
        click.echo("`exit` ends it. What you change is dropped, but in cache mounts.", err=True)
        try:
            step.enter(files, _attend)
        except DockerlangError as error:
            click.echo(f"the shell does not start: {error}", err=True)


def end_of_failure(failure: BuildFailure, store: Store, shown: DisplayOptions, debugger: Debugger | None) -> int:
    """Print the failure, do what was asked for in that case, and give the exit code."""
    if debugger is None or not debugger.has_told:
        print_failure(failure)
        if debugger is not None:
            _enter_image(failure.image, store)
    shown.explain_build(failure.build, store)
    return 1


def _enter_image(image: str, store: Store) -> None:
    """A shell in the files before a step that is no process, or whose process did not start."""
    if not image:
        click.echo("there is nothing to enter: no step was done before the failure", err=True)
        return
    from dockerlang.containers.options import ContainerOptions
    from dockerlang.containers.run import run_container
    from dockerlang.runtime.namespaces import NamespaceRuntime

    click.echo("sh, in the files before the step. `exit` ends it, and drops what you change.", err=True)
    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    options = ContainerOptions(
        command=("sh",),
        entrypoint="",
        user="",
        is_interactive=True,
        has_terminal=has_terminal,
        is_removed_afterwards=True,
    )
    try:
        with NamespaceRuntime() as runtime:
            run_container(store, runtime, image, options)
    except DockerlangError as error:
        click.echo(f"the shell does not start: {error}", err=True)


def _attend(runtime: NamespaceRuntime, process: Process, root: Root) -> int:
    """Join a process to our own streams."""
    from dockerlang.containers.streams import run_in_terminal, run_with_streams, terminal_size
    from dockerlang.records import replace

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return run_with_streams(runtime, process, root, None, is_interactive=True)
    env = (f"TERM={os.environ.get('TERM', 'xterm')}", *process.env)
    return run_in_terminal(
        runtime, replace(process, env=env, terminal=terminal_size()), root, None, is_interactive=True
    )
