"""`dockerlang volume`: directories that containers share and leave behind."""

from __future__ import annotations

import sys

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.group("volume")
def command() -> None:
    """Manage volumes."""


@command.command(cls=GoFlags)
@click.argument("name", default="")
@click.option("--label", "labels", multiple=True, metavar="NAME[=VALUE]", help="Set a label.")
@click.pass_obj
def create(session: Session, name: str, labels: tuple[str, ...]) -> None:
    """Make a volume and print its name; without a NAME it gets one of 64 digits.

    \b
    Example:
      dockerlang volume create data
    """
    from dockerlang.store.store import Store
    from dockerlang.store.volumes import make_volume, volumes_lock

    layout = Store.open(session.root).layout
    with volumes_lock(layout):
        click.echo(make_volume(layout, name, dict(label.partition("=")[::2] for label in labels)).name)


@command.command("ls", cls=GoFlags)
@click.option(
    "-f", "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="name=PART, label=NAME, dangling=true."
)
@click.option(
    "--format", "format_", default="", metavar="FORMAT", help="'table', 'table TEMPLATE', TEMPLATE or 'json'."
)
@click.option("-q", "--quiet", is_flag=True, help="Print names only.")
@click.pass_obj
def list_(session: Session, filters: tuple[str, ...], format_: str, quiet: bool) -> None:
    """List volumes, by name.

    \b
    Example:
      dockerlang volume ls -f dangling=true
    """
    from dockerlang.cli.output.listing import list_rows
    from dockerlang.cli.output.volumes import VOLUME_HEADERS, VOLUME_RAW, VOLUME_TABLE, volume_rows
    from dockerlang.containers.volumes import users_of_volumes
    from dockerlang.store.listing import BadFilterError, has_labels, parse_filter
    from dockerlang.store.store import Store
    from dockerlang.store.volumes import list_volumes

    store = Store.open(session.root)
    volumes = list_volumes(store.layout)
    for key, value in map(parse_filter, filters):
        match key:
            case "name":
                volumes = [volume for volume in volumes if value in volume.name]
            case "label":
                volumes = [volume for volume in volumes if has_labels(volume.labels, [value])]
            case "dangling" if value in ("true", "false", "1", "0"):
                users = users_of_volumes(store)
                volumes = [volume for volume in volumes if (volume.name not in users) is (value in ("true", "1"))]
            case _:
                raise BadFilterError(f"Invalid filter '{key}'", hint="possible are dangling, label, name")
    if format_ == "typed-json":
        from dockerlang.cli.output.typed import as_typed_json, typed_volumes

        click.echo(as_typed_json(typed_volumes(volumes)))
        return
    format_ = "{{.Name}}" if quiet else format_
    for line in list_rows(volume_rows(volumes), VOLUME_HEADERS, VOLUME_TABLE, format_, VOLUME_RAW):
        click.echo(line)


@command.command(cls=GoFlags)
@click.argument("names", metavar="VOLUME...", nargs=-1, required=True)
@click.option("-f", "--format", "format_", default="", metavar="TEMPLATE", help="A template, or 'json'.")
@click.pass_obj
def inspect(session: Session, names: tuple[str, ...], format_: str) -> None:
    """Show all that is known of volumes, as JSON.

    \b
    Example:
      dockerlang volume inspect -f '{{.Mountpoint}}' data
    """
    from dockerlang.cli.output.inspection import print_documents
    from dockerlang.cli.output.volumes import volume_document
    from dockerlang.store.store import Store
    from dockerlang.store.volumes import find_volume

    layout = Store.open(session.root).layout
    found = {name: find_volume(layout, name) for name in names}
    print_documents([volume_document(volume) for volume in found.values() if volume is not None], format_)
    missing = [name for name, volume in found.items() if volume is None]
    for name in missing:
        click.echo(f"Error: No such volume: {name}", err=True)
    if missing:
        sys.exit(1)


@command.command(cls=GoFlags)
@click.argument("names", metavar="VOLUME...", nargs=-1, required=True)
@click.option("-f", "--force", is_flag=True, help="Do not mind one that is not there.")
@click.pass_obj
def rm(session: Session, names: tuple[str, ...], force: bool) -> None:
    """Remove volumes that no container mounts, with all that is in them.

    \b
    Example:
      dockerlang volume rm data
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.containers.volumes import users_of_volumes
    from dockerlang.store.store import Store
    from dockerlang.store.volumes import find_volume, remove_volume, volumes_lock

    enter_for_containers()
    store = Store.open(session.root)
    failed = False
    with volumes_lock(store.layout):
        users = users_of_volumes(store)
        for name in names:
            volume = find_volume(store.layout, name)
            if name in users:
                click.echo(f"Error: remove {name}: volume is in use - [{', '.join(users[name])}]", err=True)
                failed = True
            elif volume is not None:
                remove_volume(store.layout, volume)
                click.echo(name)
            elif not force:
                click.echo(f"Error: No such volume: {name}", err=True)
                failed = True
    if failed:
        sys.exit(1)


@command.command(cls=GoFlags)
@click.option("-a", "--all", "all_", is_flag=True, help="Remove named volumes, too.")
@click.option("-f", "--force", is_flag=True, help="Do not ask.")
@click.option("--filter", "filters", multiple=True, metavar="KEY=VALUE", help="label=NAME, label!=NAME, all=true.")
@click.pass_obj
def prune(session: Session, all_: bool, force: bool, filters: tuple[str, ...]) -> None:
    """Remove volumes that no container mounts and that nobody has named.

    \b
    Example:
      dockerlang volume prune -a -f
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.cli.pruning import is_confirmed, print_pruned, print_size
    from dockerlang.containers.pruning import Pruned, prune_volumes
    from dockerlang.store.listing import parse_filter
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    kind = "all" if all_ else "anonymous"
    warning = f"This will remove {kind} local volumes not used by at least one container."
    pruned = Pruned()
    if is_confirmed(warning, is_forced=force):
        enter_for_containers()
        pruned = prune_volumes(Store.open(session.root), chosen, all=all_)
    print_pruned(pruned, "Volumes")
    print_size(pruned.size)
