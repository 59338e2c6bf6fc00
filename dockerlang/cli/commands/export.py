"""`dockerlang export`: a container's files as an archive."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dockerlang.cli import completing
from dockerlang.cli.session import Session


@click.command()
@click.argument("container", shell_complete=completing.containers)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of standard output.")
@click.pass_obj
def command(session: Session, container: str, output: Path | None) -> None:
    """Write all files of a container to a tar archive, but not those of its mounts.

    \b
    Examples:
      dockerlang export -o root.tar web
      dockerlang export web | tar -t
    """
    from dockerlang.cli.output.files import open_output
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.containers.files import export, find_container, root_of
    from dockerlang.errors import InputError
    from dockerlang.store.store import Store

    if output is None and sys.stdout.isatty():
        raise InputError("cowardly refusing to save to a terminal. Use the -o flag or redirect")
    enter_for_containers()
    with Store.open(session.root).operation("export") as operation:
        root = root_of(operation, find_container(operation, container))
        with open_output(output) as stream:
            export(root, stream)
