"""`dockerlang push`: an image into a registry."""

from __future__ import annotations

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.registries import insecure_option
from dockerlang.cli.session import Session


@click.command(cls=GoFlags)
@click.argument("name", metavar="NAME[:TAG]")
@click.option("-a", "--all-tags", is_flag=True, help="Push every tag of the repository.")
@click.option("-q", "--quiet", is_flag=True, help="Print the image's whole name and nothing else.")
@insecure_option
@click.pass_obj
def command(session: Session, name: str, all_tags: bool, quiet: bool, insecure: tuple[str, ...]) -> None:
    """Upload an image to a registry. Its name says where: `registry.example.com/team/app:1`.

    An image that was pulled or loaded keeps all its digests; the layers of one that was built here are compressed.

    \b
    Examples:
      dockerlang push registry.example.com/team/app:1.2
      dockerlang push -a localhost:5000/app
    """
    from dockerlang.cli.output.transfers import transfer_display
    from dockerlang.cli.registries import open_registries
    from dockerlang.errors import NotFoundError, UsageError
    from dockerlang.images.push import compressed_document, push_document, push_image
    from dockerlang.oci.reference import parse_reference
    from dockerlang.store.documents import named_document
    from dockerlang.store.pushing import tags_of
    from dockerlang.store.store import Store

    reference = parse_reference(name)
    if reference.digest is not None:
        raise UsageError("cannot push a digest reference", hint="give the image a tag, and push that")
    if all_tags and reference.tag:
        raise UsageError("tag can't be used with --all-tags/-a")
    if not (all_tags or quiet or reference.tag):
        click.echo("Using default tag: latest")
    if not quiet:
        click.echo(f"The push refers to repository [{reference.name}]")
    with open_registries(insecure) as registries, Store.open(session.root).operation("push") as operation:
        targets = tags_of(operation, reference) if all_tags else [reference.with_default_tag()]
        images = [(target, operation.find(target)) for target in targets]
        found = [(target, image) for target, image in images if image is not None]
        if not found:
            raise NotFoundError(
                f"An image does not exist locally with the tag: {reference.familiar_name}",
                hint=f"name one so: `dockerlang tag IMAGE {reference.familiar}`",
            )
        for target, image in found:
            with transfer_display(is_quiet=quiet) as display:
                document = named_document(operation, target)
                if document is None:
                    pushed = push_image(operation, registries, image, target, listener=display.listen)
                else:
                    document = compressed_document(operation, document)
                    pushed = push_document(operation, registries, document, target, listener=display.listen)
            if not quiet:
                click.echo(f"{target.tag}: digest: {pushed.digest} size: {pushed.size}")
    if quiet:
        click.echo(reference.name if all_tags else str(reference.with_default_tag()))
