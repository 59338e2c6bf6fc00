"""How a build is shown, and what is left of it to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.cli.output.displays import KINDS
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.cli.output.progress import Display
    from dockerlang.store.store import Store

options = declare(
    click.option("-q", "--quiet", is_flag=True, help="Print the image's ID and nothing else."),
    click.option(
        "--progress", type=click.Choice(KINDS), default="auto", envvar="BUILDKIT_PROGRESS",
        help="How to show progress; rawjson is for programs.  [default: auto: tty on a terminal, else plain]",
    ),
    click.option("--explain", is_flag=True, help="Say of each step that was not cached what has changed."),
    click.option("-D", "--debug", is_flag=True, help="When a RUN fails, open a shell that has all it had."),
    click.option(
        "--debug-state", type=click.Choice(["failure", "before"]), default="failure", show_default=True,
        help="What --debug enters: the files at the moment of failure, or those before the step.",
    ),
    click.option(
        "--rm/--no-rm", "removes", default=True,
        help="With --rm=false a container of each RUN that was executed is kept; `dockerlang ps -a` lists them.",
    ),
    click.option("--force-rm", is_flag=True, help="Do not keep what a failed RUN has left."),
)  # fmt: skip


@record
class DisplayOptions:
    """The values of these options."""

    quiet: bool
    progress: str
    explain: bool
    debug: bool
    debug_state: str
    removes: bool
    force_rm: bool

    def display(self) -> Display:
        """The display that was asked for."""
        from dockerlang.cli.output.displays import display_for

        return display_for("quiet" if self.quiet else self.progress)

    def explain_build(self, build: str, store: Store) -> None:
        """Say why steps of a build were not cached, if that was asked for."""
        if not self.explain:
            return
        from dockerlang.cli.output.reasons import reason_lines, summary
        from dockerlang.store.builds import Builds

        record = Builds(store.layout).find(build)
        if record is None or not record.steps:
            return
        click.echo(summary(record.steps), err=True)
        for line in reason_lines(step for step in record.steps if step.outcome != "cached"):
            click.echo(line, err=True)
