"""`dockerlang why`: why a step of a build was not taken from the cache."""

from __future__ import annotations

import click

from dockerlang.cli.session import Session
from dockerlang.errors import NotFoundError


@click.command()
@click.argument("step", required=False, default="")
@click.option("--build", "build", default="", metavar="ID", help="The build that is meant.  [default: the last one]")
@click.pass_obj
def command(session: Session, step: str, build: str) -> None:
    """Say what has changed, for every step of the last build that was not cached, or for STEP alone.

    STEP is its number, a part of its text, or the ID of its image, of whichever build that is. A step is compared with
    the nearest one that was built before from the same stage of the same Dockerfile.

    \b
    Examples:
      dockerlang why
      dockerlang why 4
      dockerlang why 'npm ci'
      dockerlang why 3f2a9c01d4be
    """
    from dockerlang.cli.output.reasons import reason_lines, summary
    from dockerlang.store.builds import Builds
    from dockerlang.store.store import Store

    builds = Builds(Store.open(session.root).layout)
    record = builds.find(build) if build else builds.latest()
    if record is None:
        what = f"there is no build {build}" if build else "nothing was built here yet"
        raise NotFoundError(what, hint="`dockerlang builds` lists them" if build else "")
    if not step:
        click.echo(f"build {record.id} of {record.dockerfile}: {summary(record.steps)}")
        steps = tuple(each for each in record.steps if each.outcome != "cached")
    else:
        steps = builds.steps_called(step, record, is_only=bool(build))
    for line in reason_lines(steps):
        click.echo(line)
