"""`dockerlang logs`: what a container or a build printed."""

from __future__ import annotations

import sys

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("name", metavar="CONTAINER|BUILD", shell_complete=completing.containers)
@click.option("-f", "--follow", is_flag=True, help="Wait for more, until the container or the build has ended.")
@click.option("-n", "--tail", default="all", show_default=True, metavar="NUMBER", help="Show the last lines only.")
@click.option("-t", "--timestamps", is_flag=True, help="Show when each line came.")
@click.pass_obj
def command(session: Session, name: str, follow: bool, tail: str, timestamps: bool) -> None:
    """Print what a container's process printed, its errors to the error output; or what the steps of a build printed.

    A container of `run --rm` that is not detached has no log: its output is where it was run. `dockerlang builds` lists
    builds; the values of secrets are not in their logs.

    \b
    Examples:
      dockerlang logs web
      dockerlang logs -f --tail 10 -t web
      dockerlang logs 5f0c81b2a6de
    """
    from collections import deque
    from itertools import chain

    from dockerlang.cli.output.units import rfc3339_nano
    from dockerlang.containers.log import follow_log, read_log
    from dockerlang.errors import NotFoundError
    from dockerlang.store.builds import Builds
    from dockerlang.store.records import ContainerState
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    found = store.find_container(name)
    if found is None:
        builds = Builds(store.layout)
        record = builds.find(name)
        if record is None:
            raise NotFoundError(
                f"No such container or build: {name}", hint="`dockerlang ps -a` and `dockerlang builds` list them"
            )
        from dockerlang.cli.output.build_logs import build_log_lines

        lines = build_log_lines(builds, record, follow=follow, timestamps=timestamps)
        for text in deque(lines, maxlen=int(tail)) if tail.isdecimal() else lines:
            sys.stdout.buffer.write(text + b"\n")
            sys.stdout.flush()
        return
    identifier = found.id

    def is_running() -> bool:
        now = store.find_container(identifier)
        return now is not None and now.state is ContainerState.RUNNING

    known = list(read_log(found))
    count = int(tail) if tail.isdecimal() else len(known)
    rest = follow_log(found, is_running, skip=len(known)) if follow else iter(())
    for line in chain(deque(known, maxlen=count), rest):
        shown = f"{rfc3339_nano(line.time)} {line.text}" if timestamps else line.text
        stream = sys.stderr if line.is_error else sys.stdout
        stream.buffer.write(shown.encode("utf-8", "surrogateescape"))
        stream.flush()
