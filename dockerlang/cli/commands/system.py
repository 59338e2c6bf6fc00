"""`dockerlang system`: the store itself."""

from __future__ import annotations

import sys

import click

from dockerlang.cli.go_flags import GoFlags
from dockerlang.cli.session import Session


@click.group("system")
def command() -> None:
    """Look after the image store.

    \b
    Examples:
      dockerlang system df
      dockerlang system prune
      dockerlang system check --full --repair
    """


@command.command()
@click.option("--full", is_flag=True, help="Read every blob and compare its digest.")
@click.option("--repair", is_flag=True, help="Mend what can be, and remove what is left over.")
@click.pass_obj
def check(session: Session, full: bool, repair: bool) -> None:
    """Check that the store holds all that it says, and nothing else.

    What is damaged counts as absent, so loading or building an image again repairs it, too. --repair fetches it from
    the registry that it came from, and removes images that cannot be saved; a database that is damaged is made anew
    from the names and blobs beside it. Ends with 1 if a problem is left.

    \b
    Examples:
      dockerlang system check
      dockerlang system check --full --repair
    """
    from dockerlang.store.check import check_store
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    report = check_store(store, full=full)
    for problem in report.problems:
        click.echo(str(problem))
    if report.problems and repair:
        from dockerlang.cli.repairing import repair_lines

        for line in repair_lines(store, report, full=full):
            click.echo(line)
        report = check_store(store, full=full)
        for problem in report.problems:
            click.echo(f"left: {problem}")
    problems = f"{len(report.problems)} problem{'s' if len(report.problems) != 1 else ''}"
    click.echo(f"{report.images} images, {report.layers} layers, {report.blobs} blobs: {problems}")
    if report.problems:
        sys.exit(1)


@command.command(cls=GoFlags)
@click.option(
    "--format", "format_", default="", metavar="FORMAT", help="'table', 'table TEMPLATE', TEMPLATE or 'json'."
)
@click.option("-v", "--verbose", is_flag=True, help="Show every image, container, volume and cache.")
@click.pass_obj
def df(session: Session, format_: str, verbose: bool) -> None:
    """Show how much of the disk images, containers, volumes and the build cache take.

    With -v a template gets all of it at once: {{range .Images}}, .Containers, .Volumes and .BuildCache. FORMAT may
    also be typed-json.

    \b
    Examples:
      dockerlang system df
      dockerlang system df -v
      dockerlang system df -v --format '{{range .Images}}{{.Repository}} {{.UniqueSize}}{{println}}{{end}}'
    """
    from dockerlang.cli.output.disk_usage import print_usage, print_usage_in_detail
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.containers.usage import disk_usage
    from dockerlang.store.store import Store

    enter_for_containers()
    usage = disk_usage(Store.open(session.root))
    if verbose:
        print_usage_in_detail(usage, format_)
    else:
        print_usage(usage, format_)


@command.command(cls=GoFlags)
@click.option("-a", "--all", "all_", is_flag=True, help="Remove all images that no container uses.")
@click.option("-f", "--force", is_flag=True, help="Do not ask.")
@click.option("--volumes", is_flag=True, help="Remove unused volumes that nobody has named, too.")
@click.option("--filter", "filters", multiple=True, metavar="KEY=VALUE", help="until=TIME, label=NAME, label!=NAME.")
@click.pass_obj
def prune(session: Session, all_: bool, force: bool, volumes: bool, filters: tuple[str, ...]) -> None:
    """Remove stopped containers, unused images and the build cache.

    \b
    Example:
      dockerlang system prune -a -f
    """
    from dockerlang.cli.privilege import enter_for_containers
    from dockerlang.cli.pruning import is_confirmed, print_pruned, print_size
    from dockerlang.containers import pruning
    from dockerlang.containers.build_pruning import prune_build_cache
    from dockerlang.store.listing import parse_filter
    from dockerlang.store.store import Store

    chosen = [parse_filter(text) for text in filters]
    images = "all images without at least one container associated to them" if all_ else "all dangling images"
    doomed = [
        "all stopped containers",
        *(["all anonymous volumes not used by at least one container"] if volumes else []),
        images,
        "unused build cache",
    ]
    warning = "This will remove:\n" + "".join(f"  - {line}\n" for line in doomed)
    size = 0
    if is_confirmed(warning, is_forced=force):
        enter_for_containers()
        store = Store.open(session.root)
        with store.operation("prune", frees_space=True) as operation:
            containers = pruning.prune_containers(operation, chosen)
            print_pruned(containers, "Containers")
            by_label = [pair for pair in chosen if pair[0] != "until"]
            unused = pruning.prune_volumes(store, by_label, all=False) if volumes else pruning.Pruned()
            print_pruned(unused, "Volumes")
            gone = pruning.prune_images(operation, chosen, all=all_)
            print_pruned(gone, "Images")
            cache = prune_build_cache(operation, [pair for pair in chosen if pair[0] == "until"], all=all_)
            print_pruned(cache, "build cache objects")
        size = containers.size + unused.size + gone.size + cache.size
    print_size(size)
