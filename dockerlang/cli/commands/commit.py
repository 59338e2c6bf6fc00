"""`dockerlang commit`: an image of a container."""

from __future__ import annotations

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("container", shell_complete=completing.containers)
@click.argument("name", metavar="[REPOSITORY[:TAG]]", default="")
@click.option("-a", "--author", default="", help="Who made the image, such as 'Jane <jane@example.com>'.")
@click.option("-m", "--message", default="", metavar="TEXT", help="The comment in the image's history.")
@click.option("-c", "--change", "changes", multiple=True, metavar="INSTRUCTION", help="Apply a Dockerfile instruction.")
@click.option("-p", "--pause/--no-pause", default=True, help="Stop a running container meanwhile.  [default: pause]")
@click.pass_obj
def command(
    session: Session, container: str, name: str, author: str, message: str, changes: tuple[str, ...], pause: bool
) -> None:
    """Make an image of what a container changed, and print its ID. What is in volumes stays there.

    A change is one of CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR.

    \b
    Examples:
      dockerlang commit web snapshot:1
      dockerlang commit -a 'Jane <jane@example.com>' -m 'tools added' -c 'CMD ["sh"]' 3f2a9c01d4be tools
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.containers.commit import commit_container
    from dockerlang.errors import InputError
    from dockerlang.oci.config import ContainerConfig
    from dockerlang.oci.reference import parse_reference
    from dockerlang.store.store import Store

    reference = parse_reference(name).with_default_tag() if name else None
    if reference is not None and reference.digest is not None:
        raise InputError("an image cannot be committed under a digest", hint="leave out @ and what follows")

    def change(config: ContainerConfig) -> ContainerConfig:
        if not changes:
            return config
        from dockerlang.builder.config_changes import apply_changes

        return apply_changes(config, changes)

    enter_for_containers()
    with Store.open(session.root).operation("commit") as operation:
        image = commit_container(operation, container, change=change, author=author, message=message, pauses=pause)
        if reference is not None:
            operation.tag(reference, image)
    click.echo(str(image.id))
