"""`dockerlang cp`: files into a container and out of it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("source", metavar="CONTAINER:PATH|PATH|-")
@click.argument("destination", metavar="CONTAINER:PATH|PATH|-")
@click.option("-a", "--archive", is_flag=True, help="Keep users and groups.")
@click.option("-L", "--follow-link", is_flag=True, help="Copy what a link that is the source leads to.")
@click.option("-q", "--quiet", is_flag=True, help="Accepted for docker's sake; nothing is printed anyway.")
@click.pass_obj
def command(session: Session, source: str, destination: str, archive: bool, follow_link: bool, quiet: bool) -> None:
    """Copy files between a container and this machine. `-` is a tar archive on a standard stream.

    A directory is copied under its own name into one that exists; with /. at its end only what is in it is copied.

    \b
    Examples:
      dockerlang cp web:/etc/hosts .
      dockerlang cp ./conf/. web:/etc/app
      dockerlang cp web:/var/log - | tar -x
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.containers import copying
    from dockerlang.containers.files import find_container
    from dockerlang.errors import InputError, UsageError
    from dockerlang.store.store import Store

    from_name, from_path = _split(source)
    to_name, to_path = _split(destination)
    if from_name and to_name:
        raise UsageError("copying between containers is not supported", hint="copy to this machine first")
    if not from_name and not to_name:
        raise UsageError("must specify at least one container source", hint="write it as CONTAINER:PATH")
    options = copying.CopyOptions(keeps_owners=archive, follows_link=follow_link)
    enter_for_containers()
    with Store.open(session.root).operation("cp") as operation:
        container = find_container(operation, from_name or to_name)
        if from_name and to_path == "-":
            if sys.stdout.isatty():
                raise InputError("refusing to write an archive to a terminal", hint="redirect it")
            copying.copy_out_archive(operation, container, from_path, sys.stdout.buffer, options)
            sys.stdout.buffer.flush()
        elif from_name:
            copying.copy_out(operation, container, from_path, to_path, options)
        elif from_path == "-":
            if sys.stdin.isatty():
                raise InputError("refusing to read an archive from a terminal", hint="redirect one")
            copying.copy_in_archive(operation, container, sys.stdin.buffer, to_path, options)
        else:
            copying.copy_in(operation, container, Path(from_path), from_path, to_path, options)


def _split(text: str) -> tuple[str, str]:
    """Container and path; no container for a path of this machine, which is one that begins with / or a dot."""
    name, colon, path = text.partition(":")
    return (name, path) if colon and not text.startswith(("/", ".")) else ("", text)
