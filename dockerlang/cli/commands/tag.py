"""`dockerlang tag`: another name for an image."""

from __future__ import annotations

import click

from dockerlang.cli import completing
from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("source", metavar="SOURCE_IMAGE[:TAG]", shell_complete=completing.images)
@click.argument("target", metavar="TARGET_IMAGE[:TAG]")
@click.pass_obj
def command(session: Session, source: str, target: str) -> None:
    """Give an image another name. An image that had the name before keeps its others, or becomes untagged.

    \b
    Examples:
      dockerlang tag app app:1.2
      dockerlang tag 4eb49fa4f182 registry.example.com/team/app:latest
    """
    from dockerlang.errors import InputError
    from dockerlang.oci.reference import parse_reference
    from dockerlang.store.documents import copy_document
    from dockerlang.store.images import names_id, no_such_image
    from dockerlang.store.store import Store

    reference = parse_reference(target)
    if reference.digest is not None:
        raise InputError("refusing to create a tag with a digest reference", hint="leave out @ and what follows")
    with Store.open(session.root).operation("tag") as operation:
        image = operation.find(source)
        if image is None:
            raise no_such_image(source)
        operation.tag(reference.with_default_tag(), image)
        if not names_id(source, image.id):
            copy_document(operation, parse_reference(source).with_default_tag(), reference.with_default_tag())
