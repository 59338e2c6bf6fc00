"""The end of a build that failed: what is printed, and with `--debug` a shell in what the failed step has left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dockerlang.cli.output.build_failure import print_failure

if TYPE_CHECKING:
    from dockerlang.builder.failure import BuildFailure
    from dockerlang.cli.building.display import DisplayOptions
    from dockerlang.store.store import Store


def end_of_failure(failure: BuildFailure, store: Store, shown: DisplayOptions) -> int:
    """Print the failure, do what was asked for in that case, and give the exit code."""
    print_failure(failure)
    shown.explain_build(failure.build, store)
    if shown.debug:
        _debug(failure, store, shown.debug_state)
    return 1


def _debug(failure: BuildFailure, store: Store, state: str) -> None:
    image = failure.image if state == "before" else failure.failed_image or failure.image
    if not image:
        click.echo("there is nothing to enter: no step was done before the failure", err=True)
        return
    from dockerlang.containers.options import ContainerOptions
    from dockerlang.containers.run import run_container
    from dockerlang.runtime.namespaces import NamespaceRuntime

    what = "before the step" if image == failure.image else "at the moment of failure"
    click.echo(f"a shell in the files {what}; `exit` ends it", err=True)
    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    options = ContainerOptions(
        command=("sh",), entrypoint="", is_interactive=True, has_terminal=has_terminal, is_removed_afterwards=True
    )
    with NamespaceRuntime() as runtime:
        run_container(store, runtime, image, options)
